//! The bricks of which all screens are made: functions from data to markup, without I/O.

pub mod bits;
pub mod bubble;
pub mod composer;
pub mod form;
pub mod icon;
pub mod layout;
pub mod qr;
pub mod stream;
