//! One person, one browser, one server: what a test starts with.

use std::path::Path;
use std::{env, fs};

use super::chromium::{Chromium, Viewport};
use super::page::Page;
use super::server::Server;

/// A visit to the page of a server that nobody else uses.
pub struct Visit {
    pub page: Page,
    pub browser: Chromium,
    pub server: Server,
}

impl Visit {
    /// None where there is no browser and none is required.
    pub async fn start(viewport: Viewport) -> Option<Self> {
        let browser = Chromium::start(viewport).await?;
        let server = Server::start();
        let page = Page::open(browser.client.clone(), &server.url()).await;
        Some(Self { page, browser, server })
    }

    /// Saves what the browser shows, if somebody wants to look at it.
    pub async fn show(&self, name: &str) {
        if let Some(folder) = env::var_os("GLYPH_SCREENSHOTS") {
            fs::create_dir_all(&folder).unwrap();
            let path = Path::new(&folder).join(format!("{name}.png"));
            fs::write(path, self.page.screenshot().await).unwrap();
        }
    }
}
