//! Picture files: chosen, pasted, dropped.

use std::fs;

use serde_json::{Value, json};

use crate::harness::chromium::DESKTOP;
use crate::harness::server::ROOT;
use crate::harness::session::Session;

const SEVEN: &str = "tests/pictures/seven.jpg";

/// Puts a picture into a `DataTransfer`, as pasting and dragging do.
const TRANSFER: &str = "const transfer = new DataTransfer();
    const bytes = new Uint8Array(arguments[0]);
    transfer.items.add(new File([bytes], 'seven.jpg', { type: 'image/jpeg' }));";

fn seven() -> Value {
    json!(fs::read(format!("{ROOT}/{SEVEN}")).unwrap())
}

#[tokio::test]
async fn a_chosen_picture_is_shown_and_read() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let path = fs::canonicalize(format!("{ROOT}/{SEVEN}")).unwrap();
    session.page.choose_file("#picture-input", path.to_str().unwrap()).await;
    session.page.wait_for_answer("7").await;
    assert_eq!(session.page.count("#sheet[data-picture=true]").await, 1);
}

#[tokio::test]
async fn a_pasted_picture_is_read() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let paste = "document.body.dispatchEvent(new ClipboardEvent('paste',
        { clipboardData: transfer, bubbles: true, cancelable: true }));";
    session.page.run(&format!("{TRANSFER} {paste}"), &[seven()]).await;
    session.page.wait_for_answer("7").await;
}

#[tokio::test]
async fn a_dropped_picture_is_read() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let drop = "const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
        const canvas = document.getElementById('drawing');
        // A browser drops files only where a handler prevents its default action.
        const isAccepted = !canvas.dispatchEvent(new DragEvent('dragover', options));
        if (isAccepted) {
          canvas.dispatchEvent(new DragEvent('drop', options));
        }";
    session.page.run(&format!("{TRANSFER} {drop}"), &[seven()]).await;
    session.page.wait_for_answer("7").await;
}

#[tokio::test]
async fn a_file_that_is_not_a_picture_gets_an_error() {
    let Some(session) = Session::start(DESKTOP).await else { return };
    let path = fs::canonicalize(format!("{ROOT}/README.md")).unwrap();
    session.page.choose_file("#picture-input", path.to_str().unwrap()).await;
    session.page.wait_for("#main[data-state=problem]").await;
    let reason = session.page.text("#reason").await;
    assert!(reason.contains("picture") || reason.contains("image"), "{reason}");
}
