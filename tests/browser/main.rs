//! Tests of the server's page in Debian's Chromium, controlled through `chromedriver`.
//!
//! `GLYPH_PROGRAM` is the absolute path of the built program `glyph`. Without a browser every test is skipped, unless
//! `GLYPH_BROWSER=required`. `GLYPH_SCREENSHOTS` is a folder for screenshots; without it, none are saved.
#![allow(clippy::unwrap_used)]

mod harness {
    pub mod chromium;
    pub mod handwriting;
    pub mod page;
    pub mod program;
    pub mod server;
    pub mod session;
}

mod appearance;
mod corrections;
mod drawing;
mod interruption;
mod pictures;
mod tokens;
