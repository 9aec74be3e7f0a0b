//! Undo and clear.

use fantoccini::key::Key;

use crate::harness::chromium::DESKTOP;
use crate::harness::handwriting::strokes;
use crate::harness::page::Pointer::Mouse;
use crate::harness::session::Session;

/// A session with the strokes of a four on the sheet; the first alone is a one.
async fn four() -> Option<Session> {
    let session = Session::start(DESKTOP).await?;
    let area = session.page.sheet().await.divide(1)[0];
    let [stem, angle] = strokes('4') else { panic!("a four has two strokes") };
    session.page.draw_stroke(stem, area, Mouse).await;
    session.page.wait_for_answer("1").await;
    session.page.draw_stroke(angle, area, Mouse).await;
    session.page.wait_for_answer("4").await;
    Some(session)
}

#[tokio::test]
async fn the_undo_button_removes_a_stroke() {
    let Some(session) = four().await else { return };
    session.page.click("#undo").await;
    session.page.wait_for_answer("1").await;
}

#[tokio::test]
async fn control_z_removes_stroke_after_stroke() {
    let Some(session) = four().await else { return };
    session.page.press(&[Key::Control.into(), 'z']).await;
    session.page.wait_for_answer("1").await;
    session.page.press(&[Key::Control.into(), 'z']).await;
    session.page.wait_until_empty().await;
    assert_eq!(session.page.count("#undo:disabled").await, 1);
}

#[tokio::test]
async fn the_clear_button_empties_the_sheet_and_the_answer() {
    let Some(session) = four().await else { return };
    session.page.click("#clear").await;
    session.page.wait_until_empty().await;
    assert_eq!(session.page.text("#answer").await, "");
    assert_eq!(session.page.count("#clear:disabled").await, 1);
}

#[tokio::test]
async fn undo_restores_what_escape_cleared() {
    let Some(session) = four().await else { return };
    session.page.press(&[Key::Escape.into()]).await;
    session.page.wait_until_empty().await;
    session.page.press(&[Key::Control.into(), 'z']).await;
    session.page.wait_for_answer("4").await;
}
