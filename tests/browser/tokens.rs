//! The server requires a token.

use std::fs;

use crate::harness::chromium::DESKTOP;
use crate::harness::page::Pointer::Mouse;
use crate::harness::session::Session;

const TOKEN: &str = "0123456789abcdef";

#[tokio::test]
async fn the_page_asks_for_a_token_and_then_works() {
    let Some(mut session) = Session::start(DESKTOP).await else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, TOKEN).unwrap();
    session.server.stop();
    session.server.token_file = Some(file);
    session.server.restart();
    let page = &session.page;
    page.draw("7", Mouse).await;
    page.wait_for("#token-dialog[open]").await;
    assert_eq!(page.text("#token-note").await, "This server requires a token.");
    session.screenshot("desktop-token").await;
    page.enter("#token-input", "wrong-token").await;
    let refused = "document.getElementById('token-note').textContent.includes('does not know')";
    page.wait_until(refused).await;
    page.enter("#token-input", TOKEN).await;
    page.wait_for_answer("7").await;
    page.reload().await;
    page.wait_until("document.querySelector('#matrix-frame img')?.naturalWidth > 0").await;
}
