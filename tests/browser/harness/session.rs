//! A browser session with a page and a server for one test.

use std::path::Path;
use std::{env, fs};

use super::chromium::{Chromium, Viewport};
use super::page::Page;
use super::server::Server;

/// The page of a server that no other test uses.
pub struct Session {
    pub page: Page,
    pub browser: Chromium,
    pub server: Server,
}

impl Session {
    /// `None` if no browser is installed and none is required.
    pub async fn start(viewport: Viewport) -> Option<Self> {
        let browser = Chromium::start(viewport).await?;
        let server = Server::start();
        let page = Page::open(browser.client.clone(), &server.url()).await;
        Some(Self { page, browser, server })
    }

    /// Saves a screenshot if `GLYPH_SCREENSHOTS` is set.
    pub async fn screenshot(&self, name: &str) {
        if let Some(folder) = env::var_os("GLYPH_SCREENSHOTS") {
            fs::create_dir_all(&folder).unwrap();
            let path = Path::new(&folder).join(format!("{name}.png"));
            fs::write(path, self.page.screenshot().await).unwrap();
        }
    }
}
