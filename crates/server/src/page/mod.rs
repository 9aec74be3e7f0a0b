//! The page to draw on. Its files are part of the program.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use data::sha256;
use tower_http::compression::CompressionLayer;

/// A file of the page.
#[derive(Clone, Copy)]
struct PageFile {
    path: &'static str,
    media_type: &'static str,
    text: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

macro_rules! file {
    ($path:literal, $media_type:expr, $file:literal) => {
        PageFile {
            path: $path,
            media_type: $media_type,
            text: include_str!(concat!("../../page/", $file)),
        }
    };
}

const FILES: [PageFile; 8] = [
    file!("/", HTML, "page.html"),
    file!("/page.css", CSS, "page.css"),
    file!("/page.js", JAVASCRIPT, "page.js"),
    file!("/answer.js", JAVASCRIPT, "answer.js"),
    file!("/model.js", JAVASCRIPT, "model.js"),
    file!("/server.js", JAVASCRIPT, "server.js"),
    file!("/sketch.js", JAVASCRIPT, "sketch.js"),
    file!("/icon.svg", "image/svg+xml", "icon.svg"),
];

/// The page's routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let add = |router: Router<S>, file: PageFile| {
        // Weak: the compressed file has the same one.
        let tag = format!("W/\"{}\"", &sha256(file.text.as_bytes())[..16]);
        router.route(file.path, get(async move |headers: HeaderMap| send(file, &tag, &headers)))
    };
    FILES.into_iter().fold(Router::new(), add).layer(CompressionLayer::new())
}

/// The file, or word that the browser has it already.
fn send(file: PageFile, tag: &str, headers: &HeaderMap) -> Response {
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_known = known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    // Asked for again each time: after an update, all files are of the same version.
    let cache = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let Ok(tag) = HeaderValue::from_str(tag) else { return file.text.into_response() };
    if is_known {
        return (StatusCode::NOT_MODIFIED, [cache, (ETAG, tag)]).into_response();
    }
    let media_type = (CONTENT_TYPE, HeaderValue::from_static(file.media_type));
    ([cache, (ETAG, tag), media_type], file.text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page() -> &'static str {
        FILES[0].text
    }

    #[test]
    fn every_file_that_the_page_names_is_served() {
        let mut named = 0;
        for text in FILES.map(|file| file.text) {
            for quote in ["\"/", "'./", "'/"] {
                for part in text.split(quote).skip(1) {
                    let name = part.split(['"', '\'']).next().unwrap();
                    if [".css", ".js", ".svg"].iter().any(|ending| name.ends_with(ending)) {
                        let path = format!("/{name}");
                        assert!(FILES.iter().any(|file| file.path == path), "{path}");
                        named += 1;
                    }
                }
            }
        }
        assert!(named >= 4, "{named}");
    }

    #[test]
    fn the_page_keeps_to_its_own_policy() {
        for forbidden in [" style=", "<style", " onclick=", "http://", "https://"] {
            assert!(!page().contains(forbidden), "{forbidden}");
        }
        for script in page().split("<script").skip(1) {
            assert!(script.split('>').next().unwrap().contains("src="), "{script}");
        }
    }
}
