//! Undo and clear.

use fantoccini::key::Key;

use crate::harness::chromium::DESKTOP;
use crate::harness::handwriting::strokes;
use crate::harness::page::Hand::Mouse;
use crate::harness::visit::Visit;

/// A visit with the strokes of a four on the sheet, the first of which is a one.
async fn four() -> Option<Visit> {
    let visit = Visit::start(DESKTOP).await?;
    let area = visit.page.sheet().await.divide(1)[0];
    let [stem, angle] = strokes('4') else { panic!("a four has two strokes") };
    visit.page.draw_stroke(stem, area, Mouse).await;
    visit.page.until_answer("1").await;
    visit.page.draw_stroke(angle, area, Mouse).await;
    visit.page.until_answer("4").await;
    Some(visit)
}

#[tokio::test]
async fn the_undo_button_takes_back_a_stroke() {
    let Some(visit) = four().await else { return };
    visit.page.click("#undo").await;
    visit.page.until_answer("1").await;
}

#[tokio::test]
async fn control_z_takes_back_stroke_after_stroke() {
    let Some(visit) = four().await else { return };
    visit.page.press(&[Key::Control.into(), 'z']).await;
    visit.page.until_answer("1").await;
    visit.page.press(&[Key::Control.into(), 'z']).await;
    visit.page.until_empty().await;
    assert_eq!(visit.page.count("#undo:disabled").await, 1);
}

#[tokio::test]
async fn the_clear_button_empties_the_sheet_and_the_answer() {
    let Some(visit) = four().await else { return };
    visit.page.click("#clear").await;
    visit.page.until_empty().await;
    assert_eq!(visit.page.text("#answer").await, "");
    assert_eq!(visit.page.count("#clear:disabled").await, 1);
}

#[tokio::test]
async fn what_escape_clears_comes_back_by_undo() {
    let Some(visit) = four().await else { return };
    visit.page.press(&[Key::Escape.into()]).await;
    visit.page.until_empty().await;
    visit.page.press(&[Key::Control.into(), 'z']).await;
    visit.page.until_answer("4").await;
}
