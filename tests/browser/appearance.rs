//! The page's appearance: desktop and phone, light and dark theme.

use fantoccini::key::Key;

use crate::harness::chromium::{DESKTOP, PHONE};
use crate::harness::page::Page;
use crate::harness::page::Pointer::{Finger, Mouse};
use crate::harness::session::Session;

/// Brightness of the page's background, 0 to 255.
async fn brightness(page: &Page) -> f64 {
    let levels = "getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/g)\
         .slice(0, 3).reduce((sum, level) => sum + Number(level), 0) / 3";
    page.value(levels).await.as_f64().unwrap()
}

/// Checks that nothing is wider than the screen.
async fn assert_fits(page: &Page) {
    let widths = "[document.documentElement.scrollWidth, innerWidth, visualViewport.width]";
    let widths = page.value(widths).await;
    for width in widths.as_array().unwrap() {
        assert_eq!(width, PHONE.width, "{widths}");
    }
}

#[tokio::test]
async fn the_theme_button_goes_to_dark_and_back_and_is_remembered() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let page = &session.page;
    assert!(brightness(page).await > 200.0);
    page.click("#theme").await;
    assert!(brightness(page).await < 60.0);
    page.reload().await;
    assert!(brightness(page).await < 60.0);
    page.draw("3", Mouse).await;
    page.wait_for_answer("3").await;
    session.screenshot("desktop-dark").await;
    page.click("#theme").await;
    assert!(brightness(page).await > 200.0);
}

#[tokio::test]
async fn on_a_phone_nothing_is_wider_than_the_screen() {
    let Some(session) = Session::start(PHONE).await else { return };
    let page = &session.page;
    assert_fits(page).await;
    page.draw("3", Finger).await;
    page.wait_for_answer("3").await;
    assert_fits(page).await;
    session.screenshot("phone-light").await;
    page.click("#theme").await;
    session.screenshot("phone-dark").await;
    page.read_numbers().await;
    page.draw("47", Finger).await;
    page.wait_for_answer("47").await;
    assert_fits(page).await;
    session.screenshot("phone-number").await;
}

#[tokio::test]
async fn escape_closes_the_confusion_matrix_and_leaves_the_drawing() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let page = &session.page;
    page.draw("3", Mouse).await;
    page.wait_for_answer("3").await;
    page.click("#matrix-open").await;
    page.wait_until("document.querySelector('#matrix-frame img')?.naturalWidth > 0").await;
    session.screenshot("desktop-matrix").await;
    page.press(&[Key::Escape.into()]).await;
    page.wait_for("#matrix-dialog:not([open])").await;
    assert_eq!(page.text("#answer").await, "3");
}

#[tokio::test]
async fn the_console_gets_no_error_and_no_violated_policy() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let page = &session.page;
    page.draw("3", Mouse).await;
    page.wait_for_answer("3").await;
    page.click("#theme").await;
    page.click("#matrix-open").await;
    page.press(&[Key::Escape.into()]).await;
    page.read_numbers().await;
    page.draw("47", Mouse).await;
    page.wait_for_answer("47").await;
    // Without this line, a log that is not recorded would look like one without errors.
    page.run("console.warn('the log is kept')", &[]).await;
    let console = session.browser.console().await;
    assert!(console.len() == 1 && console[0].contains("the log is kept"), "{console:#?}");
}
