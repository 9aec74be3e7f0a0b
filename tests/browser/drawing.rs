//! Drawings are answered.

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::chromium::{DESKTOP, PHONE};
use crate::harness::handwriting::strokes;
use crate::harness::page::Pointer::{Finger, Mouse};
use crate::harness::session::Session;

#[tokio::test]
async fn digits_drawn_with_the_mouse_are_read() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    for digit in ["0", "1", "2", "4", "5", "6", "7", "8", "9", "3"] {
        session.page.draw(digit, Mouse).await;
        session.page.wait_for_answer(digit).await;
        if digit == "3" {
            session.screenshot("desktop-light").await;
        }
        session.page.press(&[Key::Escape.into()]).await;
        session.page.wait_until_empty().await;
    }
}

#[tokio::test]
async fn a_digit_drawn_with_a_finger_is_read_and_does_not_scroll_the_page() {
    let Some(session) = Session::start(PHONE).await else { return };
    session.page.draw("7", Finger).await;
    session.page.wait_for_answer("7").await;
    assert_eq!(session.page.value("scrollY").await, 0);
}

#[tokio::test]
async fn the_answer_comes_while_the_pointer_is_still_down() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let area = session.page.sheet().await.divide(1)[0];
    session.page.begin_stroke(strokes('3')[0], area, Mouse).await;
    session.page.wait_for_answer("3").await;
}

#[tokio::test]
async fn the_bars_and_the_picture_that_the_network_sees_belong_to_the_answer() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let page = &session.page;
    page.draw("2", Mouse).await;
    page.wait_for_answer("2").await;
    let best = "[...document.querySelectorAll('#bars li[data-best=true]')]\
         .map((bar) => bar.dataset.class)";
    assert_eq!(page.value(best).await, json!(["2"]));
    let ink = "document.getElementById('seen').getContext('2d').getImageData(0, 0, 28, 28).data\
         .filter((level, index) => index % 4 === 0 && level > 127).length";
    let ink = page.value(ink).await.as_u64().unwrap();
    assert!((20..300).contains(&ink), "{ink} of 784 pixels are bright");
}

#[tokio::test]
async fn number_mode_reads_two_digits_and_marks_both() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let page = &session.page;
    page.read_numbers().await;
    page.draw("47", Mouse).await;
    page.wait_for_answer("47").await;
    assert_eq!(page.count("#boxes .box").await, 2);
    assert_eq!(page.count("#digits li").await, 2);
    session.screenshot("desktop-number").await;
}
