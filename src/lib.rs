//! **Balcão**: the service desk of a small real-estate agency in one file.

pub mod store;

pub mod domain;

pub mod channels;
pub mod media;
pub mod pulse;
pub mod words;

pub mod web;

pub mod app;
pub mod cli;
pub mod demo;
pub mod host;
