//! Pictures from outside.

use std::fs;

use serde_json::{Value, json};

use crate::harness::chromium::DESKTOP;
use crate::harness::server::ROOT;
use crate::harness::visit::Visit;

const SEVEN: &str = "tests/pictures/seven.jpg";

/// Puts a picture into a `DataTransfer`, as the clipboard and a drag have it.
const TRANSFER: &str = "const transfer = new DataTransfer();
    const bytes = new Uint8Array(arguments[0]);
    transfer.items.add(new File([bytes], 'seven.jpg', { type: 'image/jpeg' }));";

fn seven() -> Value {
    json!(fs::read(format!("{ROOT}/{SEVEN}")).unwrap())
}

#[tokio::test]
async fn a_chosen_picture_is_shown_and_read() {
    let Some(visit) = Visit::start(DESKTOP).await else { return };
    let path = fs::canonicalize(format!("{ROOT}/{SEVEN}")).unwrap();
    visit.page.choose_file("#picture-input", path.to_str().unwrap()).await;
    visit.page.until_answer("7").await;
    assert_eq!(visit.page.count("#sheet[data-picture=true]").await, 1);
}

#[tokio::test]
async fn a_pasted_picture_is_read() {
    let Some(visit) = Visit::start(DESKTOP).await else { return };
    let paste = "document.body.dispatchEvent(new ClipboardEvent('paste',
        { clipboardData: transfer, bubbles: true, cancelable: true }));";
    visit.page.run(&format!("{TRANSFER} {paste}"), &[seven()]).await;
    visit.page.until_answer("7").await;
}

#[tokio::test]
async fn a_dropped_picture_is_read() {
    let Some(visit) = Visit::start(DESKTOP).await else { return };
    let drop = "const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
        const canvas = document.getElementById('drawing');
        // A browser drops only where a handler keeps it from its own way with files.
        const isWelcome = !canvas.dispatchEvent(new DragEvent('dragover', options));
        if (isWelcome) {
          canvas.dispatchEvent(new DragEvent('drop', options));
        }";
    visit.page.run(&format!("{TRANSFER} {drop}"), &[seven()]).await;
    visit.page.until_answer("7").await;
}

#[tokio::test]
async fn a_file_that_is_no_picture_is_explained() {
    let Some(visit) = Visit::start(DESKTOP).await else { return };
    let path = fs::canonicalize(format!("{ROOT}/README.md")).unwrap();
    visit.page.choose_file("#picture-input", path.to_str().unwrap()).await;
    visit.page.until_found("#main[data-state=problem]").await;
    let reason = visit.page.text("#reason").await;
    assert!(reason.contains("picture") || reason.contains("image"), "{reason}");
}
