//! What the two doors answer, asked over HTTP of the real binary. Modules are named by what they guard.

#[path = "../office/mod.rs"]
mod office;

mod attacks;
mod audit;
mod costs;
mod doors;
mod files;
mod first_steps;
mod floods;
mod forgery;
mod input;
mod keys;
mod lists;
mod loads;
mod login;
mod mailbox;
mod questions;
mod races;
mod roles;
mod second_factor;
mod secrets;
mod self_service;
mod shell;
mod streams;
mod table;
mod users;
mod wire;
mod world;
mod zones;
