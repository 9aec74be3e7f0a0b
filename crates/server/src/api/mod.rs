//! The HTTP API: its routes, their handlers, and the form of requests and answers.

pub mod answer_pictures;
pub mod answer_query;
pub mod chosen_model;
pub mod handlers;
pub mod judged_answer;
pub mod kserve;
pub mod line_answer;
pub mod openapi;
pub mod outcome;
pub mod picture_answer;
pub mod request_body;
pub mod routes;
pub mod upload;
