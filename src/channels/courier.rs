//! The courier: carries the outbox's letters out, one try at a time, and writes down how each try ended.
//!
//! A letter is written when it is carried, so that the secret of a link lies nowhere but in the letter. A try whose end
//! nobody saw (the house stopped in the middle) is made again with the same Message-ID: at least once, never lost.

use super::email::letter::{self, Parts};
use super::email::{self, Letter, Outcome, Secret, Security, SmtpSettings, Timeouts};
use crate::domain::agency::{self, Agency};
use crate::domain::delivery::{self, About, Delivery, Tried};
use crate::domain::entry::{self, Body};
use crate::domain::external_access::asking;
use crate::domain::ids::InvitationId;
use crate::domain::invitation;
use crate::domain::user::{self, State};
use crate::domain::{Answer, No, Refusal, contact, conversation, external_access};
use crate::store::{Fault, Health, Look, Store, secrets};
use crate::words::Words;
use futures_util::future::join_all;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Letters carried at once.
const AT_ONCE: usize = 4;
/// After a failure of ours the next look waits this long.
const AFTER_FAULT: Duration = Duration::from_secs(10);

/// What the courier needs of the house.
pub struct Courier {
    /// Where the outbox is.
    pub store: Arc<Store>,
    /// The data directory, for its secrets.
    pub dir: PathBuf,
    /// Says the portal's address where the agency named none.
    pub portal: Arc<dyn Fn() -> String + Send + Sync>,
    /// Says the office's address.
    pub office: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Courier {
    /// Carries letters until `closing` holds true.
    pub async fn run(self, mut closing: watch::Receiver<bool>) {
        let mut bell = self.store.bell();
        while !*closing.borrow() {
            bell.mark_unchanged();
            let wait = match self.round().await {
                Ok(wait) => wait,
                Err(no) => {
                    tracing::error!(%no, "the courier could not work");
                    Some(AFTER_FAULT)
                }
            };
            let timer = async {
                match wait {
                    Some(wait) => sleep(wait).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = timer => {}
                rung = bell.changed() => if rung.is_err() { return },
                _ = closing.changed() => {}
            }
        }
    }

    /// Carries what is due; gives how long nothing will be.
    async fn round(&self) -> Answer<Option<Duration>> {
        let now = self.store.now();
        if *self.store.health().borrow() != Health::Well {
            // What is sent and cannot be written down is sent again: letters wait until the disk is well.
            return Ok(Some(AFTER_FAULT));
        }
        let look = self.store.look()?;
        let Some(agency) = agency::the(&look)? else { return Ok(None) };
        if agency.smtp.is_none() {
            return Ok(None);
        }
        let (due, next) = delivery::due(&look, now, AT_ONCE)?;
        drop(look);
        let carried = !due.is_empty();
        join_all(due.into_iter().map(|one| self.carry(&agency, one))).await;
        let next = next.map(|at| Duration::from_millis(at.saturating_sub(now).max(0).unsigned_abs()));
        Ok(if carried { Some(Duration::ZERO) } else { next })
    }

    async fn carry(&self, agency: &Agency, delivery: Delivery) {
        let id = delivery.id;
        let tried = match self.write(agency, &delivery).await {
            Ok(Some((settings, letter))) => tried(email::send(&settings, &letter, &Timeouts::default()).await),
            Ok(None) => return,
            Err(No::Refused(_)) => Tried::Never("revoked".into()),
            Err(no @ No::Failed(_)) => {
                tracing::error!(%no, "a letter could not be written");
                Tried::Later("broken".into())
            }
        };
        // The letter is gone, whatever the disk says: at worst that is known in memory alone.
        let first = tried.clone();
        let mut kept = self.store.write_soft(move |tx| delivery::tried(tx, id, first)).await;
        if matches!(kept, Err(No::Failed(Fault::Unwell(_)))) {
            kept = self.store.write_soft(move |tx| delivery::tried(tx, id, tried)).await;
        }
        if let Err(no) = kept {
            tracing::error!(%no, "the end of a try was not kept; it is made again");
            sleep(AFTER_FAULT).await;
        }
    }

    /// Refuses a letter to an address that lost its access, or to somebody who was switched off, while it waited.
    fn still_theirs(&self, delivery: &Delivery) -> Answer<()> {
        if let About::MessageInside(_) = delivery.about {
            let reader = user::by_email(&self.store.look()?, &delivery.to)?;
            return if reader.is_some_and(|user| user.is_active()) { Ok(()) } else { Err(Refusal::Revoked.into()) };
        }
        let (Some(id), About::Access | About::Link | About::MessageOutside(_)) = (delivery.access, delivery.about)
        else {
            return Ok(());
        };
        let access = external_access::by_id(&self.store.look()?, id)?;
        let theirs = access.revoked_at.is_none() && access.email == delivery.to;
        if theirs { Ok(()) } else { Err(Refusal::Revoked.into()) }
    }

    /// Writes the letter. Nothing where the mail server was switched off meanwhile.
    async fn write(&self, agency: &Agency, delivery: &Delivery) -> Answer<Option<(SmtpSettings, Letter)>> {
        let Some(settings) = settings(agency, &self.dir) else { return Ok(None) };
        self.still_theirs(delivery)?;
        let base = agency.public_url.clone().unwrap_or_else(|| (self.portal)());
        let link = match delivery.about {
            About::Access | About::Link => {
                let access = delivery.access.ok_or(Refusal::NotFound)?;
                let life = if delivery.about == About::Link { asking::LINK_MS } else { external_access::ONCE_MS };
                let to = delivery.to.clone();
                let secret = self.store.write(move |tx| external_access::one_time(tx, access, &to, life)).await?;
                format!("{base}/acesso/{secret}")
            }
            About::Invitation(id) => {
                let to = delivery.to.clone();
                let secret = self.store.write(move |tx| invitation::written(tx, id, &to)).await?;
                let office = agency.office_url.clone().unwrap_or_else(|| (self.office)());
                format!("{office}/convite/{secret}")
            }
            About::MessageOutside(_) | About::MessageInside(_) => base.clone(),
        };
        let look = self.store.look()?;
        let said = match delivery.about {
            About::Invitation(id) => compose_invitation(&look, agency, id, &link)?,
            _ => compose(&look, agency, delivery, &base, &link)?,
        };
        let domain = settings.from_address.rsplit('@').next().unwrap_or("localhost").to_owned();
        let letter = Letter {
            message_id: format!("{}@{domain}", delivery.message_key),
            to: delivery.to.clone(),
            to_name: None,
            reply_to: None,
            references: Vec::new(),
            subject: said.subject,
            text: said.faces.text,
            html: Some(said.faces.html),
            automatic: true,
        };
        Ok(Some((settings, letter)))
    }
}

struct Composed {
    subject: String,
    faces: letter::Faces,
}

fn compose(look: &impl Look, agency: &Agency, delivery: &Delivery, base: &str, link: &str) -> Answer<Composed> {
    let w = Words(agency.language);
    let c = conversation::by_id(look, delivery.conversation.ok_or(Refusal::NotFound)?)?;
    let client = contact::by_id(look, c.contact)?.name;
    let (subject, greeting, paragraphs, button) = match delivery.about {
        About::Access => {
            let paragraphs = vec![
                w.letter_access_text(&agency.name),
                w.letter_access_once().to_owned(),
                w.letter_access_portal(base),
            ];
            (w.letter_access_subject(&agency.name), w.letter_greeting(first(&client)), paragraphs, Some(link))
        }
        About::Link => {
            let paragraphs = vec![
                w.letter_link_text(&agency.name),
                w.letter_link_once(asking::LINK_MINUTES),
                w.letter_link_not_you().to_owned(),
            ];
            (w.letter_link_subject(&agency.name), w.letter_greeting(first(&client)), paragraphs, Some(link))
        }
        About::MessageOutside(message) => {
            let paragraphs = quoted(look, w, message, &agency.name)?;
            (w.letter_message_subject(&agency.name), w.letter_greeting(first(&client)), paragraphs, Some(link))
        }
        About::Invitation(_) => return Err(Refusal::NotFound.into()),
        About::MessageInside(message) => {
            let name = c
                .watchers()
                .next()
                .map(|id| user::by_id(look, id))
                .transpose()?
                .flatten()
                .map_or(String::new(), |user| user.name);
            (
                w.letter_message_subject_inside(&client),
                w.letter_greeting(first(&name)),
                quoted(look, w, message, &client)?,
                None,
            )
        }
    };
    let faces = draw(agency, &greeting, paragraphs, button.map(|link| (w.letter_open(), link)))?;
    Ok(Composed { subject, faces })
}

fn compose_invitation(look: &impl Look, agency: &Agency, id: InvitationId, link: &str) -> Answer<Composed> {
    let w = Words(agency.language);
    let invitation = invitation::by_id(look, id)?.ok_or(Refusal::Revoked)?;
    let user = user::by_id(look, invitation.user)?.ok_or(Refusal::Revoked)?;
    let (subject, text, button) = if user.state() == State::Invited {
        (w.letter_invited_subject(&agency.name), w.letter_invited_text(&agency.name), w.letter_invited_open())
    } else {
        (w.letter_password_subject(&agency.name), w.letter_password_text().to_owned(), w.letter_password_open())
    };
    let paragraphs = vec![text, w.letter_office(invitation::DAYS)];
    let faces = draw(agency, &w.letter_greeting(first(&user.name)), paragraphs, Some((button, link)))?;
    Ok(Composed { subject, faces })
}

fn draw(
    agency: &Agency,
    greeting: &str,
    mut paragraphs: Vec<String>,
    button: Option<(&str, &str)>,
) -> Answer<letter::Faces> {
    let closing = Words(agency.language).letter_closing(&agency.name);
    let draw = |paragraphs: &[String], button: Option<(&str, &str)>| {
        let paragraphs: Vec<&str> = paragraphs.iter().map(String::as_str).collect();
        letter::compose(&Parts {
            language: agency.language.tag(),
            agency: &agency.name,
            greeting,
            paragraphs: &paragraphs,
            button,
            closing: &closing,
        })
    };
    match draw(&paragraphs, button) {
        Ok(faces) => Ok(faces),
        // On an office network without TLS the link is no https one: it stands in the text, as what it is.
        Err(_) => {
            paragraphs.extend(button.map(|(_, link)| link.to_owned()));
            Ok(draw(&paragraphs, None).map_err(|error| crate::store::Fault::Encoding(error.to_string()))?)
        }
    }
}

fn quoted(look: &impl Look, w: Words, message: crate::domain::ids::EntryId, who: &str) -> Answer<Vec<String>> {
    let said = entry::by_id(look, message)?.ok_or(Refusal::NotFound)?;
    let mut paragraphs = vec![w.letter_wrote(who)];
    if let Body::Message { text, files } = said.body {
        if !text.is_empty() {
            paragraphs.push(text);
        }
        if !files.is_empty() {
            paragraphs.push(w.letter_files(files.len()));
        }
    }
    Ok(paragraphs)
}

fn first(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

fn settings(agency: &Agency, dir: &Path) -> Option<SmtpSettings> {
    let smtp = agency.smtp.as_ref()?;
    let password = smtp.secret.as_ref().map(|name| secrets::read(dir, name));
    if let Some(Err(error)) = &password {
        tracing::error!(%error, "the SMTP password cannot be read");
    }
    Some(SmtpSettings {
        host: smtp.host.clone(),
        port: smtp.port,
        security: match smtp.security.as_str() {
            "tls" => Security::Tls,
            "plain" => Security::Plain,
            _ => Security::StartTls,
        },
        username: Some(smtp.username.clone()).filter(|username| !username.is_empty()),
        password: password.and_then(Result::ok).flatten().map(Secret::new),
        from_name: agency.name.clone(),
        from_address: smtp.from_address.clone(),
        extra_ca_pem: std::fs::read_to_string(dir.join("smtp-ca.pem")).ok(),
    })
}

fn tried(outcome: Outcome) -> Tried {
    match outcome {
        Outcome::Sent { words } => Tried::Sent(words),
        Outcome::Later { words } => Tried::Later(words),
        Outcome::Never { words } => Tried::Never(words),
        Outcome::Settings { words } => Tried::Settings(words),
    }
}
