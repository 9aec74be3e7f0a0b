//! The server goes away and comes back.

use fantoccini::key::Key;

use crate::harness::chromium::DESKTOP;
use crate::harness::page::Hand::Mouse;
use crate::harness::page::Page;
use crate::harness::visit::Visit;

async fn until_banner(page: &Page, expression: &str) {
    page.until(&format!("document.getElementById('banner').textContent{expression}")).await;
}

#[tokio::test]
async fn a_drawing_made_without_a_server_is_read_when_it_is_back() {
    let Some(mut visit) = Visit::start(DESKTOP).await else { return };
    visit.server.go_away();
    visit.page.draw("7", Mouse).await;
    until_banner(&visit.page, ".includes('does not answer')").await;
    visit.page.until_found("#main[data-state=waiting]").await;
    visit.show("desktop-banner").await;
    visit.server.come_back();
    visit.page.until_answer("7").await;
    until_banner(&visit.page, " === ''").await;
}

#[tokio::test]
async fn no_old_answer_stands_beside_what_was_drawn_without_a_server() {
    let Some(mut visit) = Visit::start(DESKTOP).await else { return };
    let page = &visit.page;
    page.draw("7", Mouse).await;
    page.until_answer("7").await;
    visit.server.go_away();
    until_banner(page, ".includes('does not answer')").await;
    assert_eq!(page.text("#answer").await, "7");
    page.press(&[Key::Escape.into()]).await;
    page.draw("3", Mouse).await;
    page.until_found("#main[data-state=waiting]").await;
    assert_eq!(page.text("#answer").await, "");
    visit.server.come_back();
    page.until_answer("3").await;
}

#[tokio::test]
async fn a_server_that_goes_away_is_missed_while_nobody_draws() {
    let Some(mut visit) = Visit::start(DESKTOP).await else { return };
    visit.server.go_away();
    until_banner(&visit.page, ".includes('does not answer')").await;
    visit.server.come_back();
    until_banner(&visit.page, " === ''").await;
}
