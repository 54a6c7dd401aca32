//! Once more the password, before things that matter: handing over an access, changing passwords,
//! users and roles, taking data out of the house (BAR 7.5).
//!
//! A proof counts for ten minutes, so that somebody at work is rarely asked, and whoever sits down at a desk left open
//! gets nowhere. Handlers ask by [`Ask::prove`]; their forms show the field by [`Form::proof`](super::ui::form::Form::proof).

use super::ask::Ask;
use crate::domain::audit::{self, Deed};
use crate::domain::{Answer, Refusal, Staff, Why, password, session, user};
use std::time::Instant;

/// The field of the forms that ask for it.
pub const FIELD: &str = "prova";

impl Ask<Staff> {
    /// Goes on if the password was proved lately, or stands in the form's [`FIELD`]; else refuses at that field.
    pub async fn prove(&mut self) -> Answer<()> {
        if self.proved { Ok(()) } else { self.prove_now(FIELD).await }
    }

    /// Goes on only if the password stands in this field. The session's cookie changes with it.
    pub async fn prove_now(&mut self, field: &'static str) -> Answer<()> {
        let no = |why| Refusal::Invalid(vec![(field, why)]);
        let typed: String = self.fields.text(field).chars().take(password::CHARS_MAX).collect();
        if typed.is_empty() {
            return Err(no(Why::Empty).into());
        }
        let one = user::by_id(&self.desk.look()?, self.who.id)?.ok_or(Refusal::NotFound)?;
        let kept = one.opens().cloned().ok_or(Refusal::NotFound)?;
        let from = self.from();
        if let Err(wait) = self.desk.attempts.begin(from, &one.email, Instant::now()) {
            return Err(no(Why::Wait(wait.seconds())).into());
        }
        let staff = self.who.clone();
        if !self.desk.fits(typed, Some(kept.clone())).await? {
            self.desk.store.write_soft(move |tx| audit::note(tx, &staff, Deed::Proof, false, "")).await?;
            return Err(no(Why::Wrong).into());
        }
        self.desk.attempts.right(from, &one.email);
        let secret = self.desk.store.write_soft(move |tx| session::prove(tx, &staff, &kept)).await?;
        self.proved = true;
        // The door gives it to the browser with whatever the handler answers; one request proves once.
        let _ = self.renewed.set(secret);
        Ok(())
    }
}
