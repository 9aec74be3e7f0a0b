//! The server stops and restarts.

use fantoccini::key::Key;

use crate::harness::chromium::DESKTOP;
use crate::harness::page::Page;
use crate::harness::page::Pointer::Mouse;
use crate::harness::session::Session;

async fn wait_for_banner(page: &Page, expression: &str) {
    page.wait_until(&format!("document.getElementById('banner').textContent{expression}")).await;
}

#[tokio::test]
async fn a_drawing_made_without_a_server_is_read_after_its_restart() {
    let Some(mut session) = Session::start(DESKTOP).await else { return };
    session.server.stop();
    session.page.draw("7", Mouse).await;
    wait_for_banner(&session.page, ".includes('does not answer')").await;
    session.page.wait_for("#main[data-state=waiting]").await;
    session.screenshot("desktop-banner").await;
    session.server.restart();
    session.page.wait_for_answer("7").await;
    wait_for_banner(&session.page, " === ''").await;
}

#[tokio::test]
async fn no_old_answer_is_shown_for_a_new_drawing() {
    let Some(mut session) = Session::start(DESKTOP).await else { return };
    let page = &session.page;
    page.draw("7", Mouse).await;
    page.wait_for_answer("7").await;
    session.server.stop();
    wait_for_banner(page, ".includes('does not answer')").await;
    assert_eq!(page.text("#answer").await, "7");
    page.press(&[Key::Escape.into()]).await;
    page.draw("3", Mouse).await;
    page.wait_for("#main[data-state=waiting]").await;
    assert_eq!(page.text("#answer").await, "");
    session.server.restart();
    page.wait_for_answer("3").await;
}

#[tokio::test]
async fn a_stopped_server_is_noticed_while_nobody_draws() {
    let Some(mut session) = Session::start(DESKTOP).await else { return };
    session.server.stop();
    wait_for_banner(&session.page, ".includes('does not answer')").await;
    session.server.restart();
    wait_for_banner(&session.page, " === ''").await;
}
