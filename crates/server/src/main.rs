//! Answers what pictures show over HTTP, and serves a page to draw on.

fn main() {}
