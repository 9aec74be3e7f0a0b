//! The web page for drawing digits. Its files are compiled into the program.

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

const FILES: [PageFile; 9] = [
    file!("/", HTML, "page.html"),
    file!("/page.css", CSS, "page.css"),
    file!("/page.js", JAVASCRIPT, "page.js"),
    file!("/answer.js", JAVASCRIPT, "answer.js"),
    file!("/model.js", JAVASCRIPT, "model.js"),
    file!("/server.js", JAVASCRIPT, "server.js"),
    file!("/sketch.js", JAVASCRIPT, "sketch.js"),
    file!("/token.js", JAVASCRIPT, "token.js"),
    file!("/icon.svg", "image/svg+xml", "icon.svg"),
];

/// The page's routes.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let add = |router: Router<S>, file: PageFile| {
        // Weak, because the compressed file has the same tag.
        let tag = format!("W/\"{}\"", &sha256(file.text.as_bytes())[..16]);
        router.route(file.path, get(async move |headers: HeaderMap| respond(file, &tag, &headers)))
    };
    FILES.into_iter().fold(Router::new(), add).layer(CompressionLayer::new())
}

/// The file, or 304 if the browser's copy is current.
fn respond(file: PageFile, tag: &str, headers: &HeaderMap) -> Response {
    let known = headers.get(IF_NONE_MATCH).and_then(|tags| tags.to_str().ok());
    let is_current = known.is_some_and(|tags| tags.split(',').any(|known| known.trim() == tag));
    // Revalidated each time, so that after an update all files have the same version.
    let cache = (CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    let Ok(tag) = HeaderValue::from_str(tag) else { return file.text.into_response() };
    if is_current {
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
    fn every_file_that_the_page_refers_to_is_served() {
        let mut references = 0;
        for text in FILES.map(|file| file.text) {
            for quote in ["\"/", "'./", "'/"] {
                for part in text.split(quote).skip(1) {
                    let name = part.split(['"', '\'']).next().unwrap();
                    if [".css", ".js", ".svg"].iter().any(|ending| name.ends_with(ending)) {
                        let path = format!("/{name}");
                        assert!(FILES.iter().any(|file| file.path == path), "{path}");
                        references += 1;
                    }
                }
            }
        }
        assert!(references >= 4, "{references}");
    }

    #[test]
    fn the_page_obeys_its_content_security_policy() {
        for forbidden in [" style=", "<style", " onclick=", "http://", "https://"] {
            assert!(!page().contains(forbidden), "{forbidden}");
        }
        for script in page().split("<script").skip(1) {
            assert!(script.split('>').next().unwrap().contains("src="), "{script}");
        }
    }
}
