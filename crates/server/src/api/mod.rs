//! The HTTP API: routes, handlers, what requests look like and what answers look like.

pub mod answer;
pub mod ask;
pub mod chosen_model;
pub mod handlers;
pub mod openapi;
pub mod outcome;
pub mod question;
pub mod reading;
pub mod request_body;
pub mod routes;
pub mod upload;
