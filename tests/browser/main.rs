//! The server's page in a real browser: Debian's Chromium, driven through its `chromedriver`.
//!
//! `GLYPH_SERVER` names the built server. Without a browser every test is skipped, unless
//! `GLYPH_BROWSER=required`. Where `GLYPH_SCREENSHOTS` names a folder, pictures of the page go there.
#![allow(clippy::unwrap_used)]

mod harness {
    pub mod chromium;
    pub mod handwriting;
    pub mod page;
    pub mod program;
    pub mod server;
    pub mod visit;
}

mod appearance;
mod corrections;
mod drawing;
mod interruption;
mod pictures;
