//! The portal's certificate, asked for by ACME: once it was wished for, it comes, and comes again in time.

use super::acme::Wanted;
use super::names::Name;
use super::office::Wrong;
use super::pair::Pair;
use super::{HOUR, Tls, now};
use crate::store::secrets;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Chain and key, in one text.
const PORTAL: &str = "tls-portal";
/// The account at the ACME server, with its key.
const ACCOUNT: &str = "tls-account";
/// After the first failure; then twice as long each time. Servers count failures by the hour.
const PAUSE_SECONDS: i64 = 3_600;
/// At most so long.
const PAUSE_SECONDS_MAX: i64 = 24 * 3_600;

/// What was wished for, and how it goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Wish {
    domain: String,
    email: String,
    /// Failures since the last success, and what the last one said.
    failures: u32,
    why: String,
    /// Not before this, in seconds since 1970.
    next: i64,
}

/// The portal's certificate, as pages show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portal {
    /// The name it is for.
    pub domain: String,
    /// Whom the authority writes to.
    pub email: String,
    /// How it goes.
    pub state: State,
    /// Until when the one that is served counts, in seconds since 1970.
    pub until: Option<i64>,
}

/// How the asking goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// It is being asked for.
    Asking,
    /// It is there.
    Served,
    /// It was refused or nobody answered: why, and when it is tried again, in seconds since 1970.
    Failed(String, i64),
}

impl Tls {
    /// The portal's wish and how it goes, if there is one and no pair was given on the command line.
    pub fn portal_wish(&self) -> Option<Portal> {
        let wish = self.settings().portal.clone().filter(|_| !self.portal_given)?;
        let pair = self.portal.pair();
        let state = match (&pair, wish.failures) {
            (_, 1..) => State::Failed(wish.why, wish.next),
            (Some(_), 0) => State::Served,
            (None, 0) => State::Asking,
        };
        Some(Portal { domain: wish.domain, email: wish.email, state, until: pair.map(|pair| pair.until) })
    }

    /// Wishes for a certificate for this name, at once; the terms of the authority were agreed to. Blocks on the disk.
    pub fn wish(&self, domain: &str, email: &str) -> Result<(), Wrong> {
        if self.portal_given {
            return Err(Wrong::NotOurs);
        }
        let named = Name::read(domain).filter(|name| matches!(name, Name::Dns(name) if name.contains('.')));
        let domain = named.ok_or_else(|| Wrong::NotAName(domain.to_owned()))?.to_string();
        let before = self.settings().portal.clone();
        if before.as_ref().is_some_and(|wish| wish.domain != domain) {
            self.unwish()?;
        }
        // Another address is another account.
        if before.is_some_and(|wish| wish.email != email) {
            secrets::forget(&self.dir, ACCOUNT)?;
        }
        let wish = Wish { domain, email: email.to_owned(), failures: 0, why: String::new(), next: 0 };
        self.remember(|settings| settings.portal = Some(wish))?;
        self.hurry.notify_one();
        Ok(())
    }

    /// Gives the certificate up: plain HTTP again. Blocks on the disk.
    pub fn unwish(&self) -> Result<(), Wrong> {
        if self.portal_given {
            return Err(Wrong::NotOurs);
        }
        self.remember(|settings| settings.portal = None)?;
        self.portal.hide();
        self.hurry.notify_one();
        Ok(secrets::forget(&self.dir, PORTAL)?)
    }

    /// Serves what was got before.
    pub(super) fn show_portal(&self) {
        let Some(wish) = self.settings().portal.clone().filter(|_| !self.portal_given) else { return };
        match self.secret(PORTAL).map(|both| both.map(|both| Pair::read(&both, &both))) {
            Ok(Some(Ok(pair))) => self.portal.show(pair, true, Some(wish.domain)),
            Ok(None) => {}
            Ok(Some(Err(why))) => {
                tracing::error!(%why, "the portal's certificate cannot be served; it is asked for again")
            }
            Err(why) => tracing::error!(%why, "the portal's certificate cannot be read; it is asked for again"),
        }
    }

    /// When the next certificate is due, in seconds since 1970.
    fn due(&self) -> Option<i64> {
        let wish = self.settings().portal.clone().filter(|_| !self.portal_given)?;
        let pair = self.portal.pair();
        Some(wish.next.max(pair.map_or(0, |pair| pair.ripe_at())))
    }

    pub(super) async fn keep_portal(self: Arc<Self>) {
        loop {
            let wait = self.due().map_or(HOUR, |due| {
                let seconds = due.saturating_sub(now()).max(0);
                // Looked at by the hour: the clock may be set meanwhile.
                Duration::from_secs(seconds.unsigned_abs()).min(HOUR)
            });
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.hurry.notified() => {}
            }
            if self.due().is_some_and(|due| due <= now()) {
                self.clone().ask().await;
            }
        }
    }

    /// Asks once, and remembers how it went.
    async fn ask(self: Arc<Self>) {
        let Some(wish) = self.settings().portal.clone() else { return };
        let account = self.secret(ACCOUNT).ok().flatten();
        let wanted = Wanted { domain: &wish.domain, email: &wish.email, account };
        let got = self.acme.obtain(&self.portal, wanted).await;
        let tls = self.clone();
        let kept = tokio::task::spawn_blocking(move || match got {
            Ok(got) => tls.got(&wish, &got.both, &got.account),
            Err(why) => tls.failed(&wish, why),
        });
        if let Ok(Err(why)) = kept.await {
            tracing::error!(%why, "the portal's certificate cannot be kept");
            // The next round would ask at once, and again, and again.
            tokio::time::sleep(HOUR).await;
        }
    }

    fn got(&self, wish: &Wish, both: &str, account: &str) -> Result<(), Wrong> {
        let pair = Pair::read(both, both)?;
        secrets::keep(&self.dir, ACCOUNT, account)?;
        secrets::keep(&self.dir, PORTAL, both)?;
        if self.change_wish(wish, |wish| (wish.failures, wish.next, wish.why) = (0, 0, String::new()))? {
            self.portal.show(pair, true, Some(wish.domain.clone()));
            tracing::info!(domain = wish.domain, "the portal has a new certificate");
        }
        Ok(())
    }

    fn failed(&self, wish: &Wish, why: String) -> Result<(), Wrong> {
        tracing::error!(domain = wish.domain, why, "the portal's certificate was not got");
        let pause = PAUSE_SECONDS.saturating_mul(1 << wish.failures.min(5)).min(PAUSE_SECONDS_MAX);
        self.change_wish(wish, |wish| {
            (wish.failures, wish.next, wish.why) = (wish.failures.saturating_add(1), now() + pause, why);
        })?;
        Ok(())
    }

    /// Changes the wish if it is still the one that was asked for.
    fn change_wish(&self, asked: &Wish, how: impl FnOnce(&mut Wish)) -> Result<bool, Wrong> {
        let mut same = false;
        self.remember(|settings| {
            if let Some(wish) = settings.portal.as_mut().filter(|wish| wish.domain == asked.domain) {
                how(wish);
                same = true;
            }
        })?;
        Ok(same)
    }
}
