//! What every view draws with: words, clock, agency, and who is looking.

use crate::domain::agency::Agency;
use crate::domain::values::Language;
use crate::domain::{Outsider, Staff};
use crate::store::Health;
use crate::words::{Words, dates::Clock};

/// Who is looking, for the frame of the page.
#[derive(Clone, Debug)]
pub enum Side {
    /// A member of staff.
    Staff(Staff),
    /// Somebody at the portal.
    Portal(Outsider),
    /// Nobody yet.
    Nobody,
}

/// The surroundings of a view.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The words.
    pub w: Words,
    /// Dates.
    pub clock: Clock,
    /// Now, in milliseconds since 1970.
    pub now: i64,
    /// The agency's name.
    pub agency: String,
    /// Whether there is a logo to show.
    pub logo: bool,
    /// The agency's hue.
    pub hue: u16,
    /// The agency's language: its country's phones and currency, whatever the reader's language.
    pub home: Language,
    /// E1.
    pub chat_on: bool,
    /// P5: whether the register of who is in is kept.
    pub register_on: bool,
    /// Whether mail can leave the house.
    pub mail_on: bool,
    /// The token for forms.
    pub csrf: String,
    /// What is looked for, to be marked in texts; empty for nothing.
    pub asked: String,
    /// Who is looking.
    pub side: Side,
    /// Whether this is the demonstration.
    pub demo: bool,
    /// For who runs the system: the moment after which something may be missing, because the database was torn.
    pub torn_at: Option<i64>,
    /// For who runs the system: the house was to make backups and has had no good one for days.
    pub copies_late: bool,
    /// Whether forms that matter need not ask for the password once more.
    pub proved: bool,
    /// How the disk is: a page says when nothing can be kept.
    pub health: Health,
}

impl Scene {
    /// For a page of this agency.
    pub fn new(w: Words, agency: &Agency, side: Side, csrf: &str, now: i64, demo: bool) -> Self {
        Self {
            w,
            clock: Clock::new(&agency.time_zone, now, w),
            now,
            agency: agency.name.clone(),
            logo: agency.logo.is_some(),
            hue: agency.hue,
            home: agency.language,
            chat_on: agency.chat_external_on,
            register_on: agency.register.on,
            mail_on: agency.smtp.is_some(),
            csrf: csrf.to_owned(),
            asked: String::new(),
            side,
            demo,
            torn_at: None,
            copies_late: false,
            proved: false,
            health: Health::Well,
        }
    }

    /// The same while the disk is so.
    pub fn under(self, health: Health) -> Self {
        Self { health, ..self }
    }

    /// For a page of no agency at all.
    pub fn bare(w: Words) -> Self {
        Self {
            w,
            clock: Clock::new("UTC", 0, w),
            now: 0,
            agency: "Balcão".into(),
            logo: false,
            hue: 255,
            home: Language::PtBr,
            chat_on: false,
            register_on: false,
            mail_on: false,
            csrf: String::new(),
            asked: String::new(),
            side: Side::Nobody,
            demo: false,
            torn_at: None,
            copies_late: false,
            proved: false,
            health: Health::Well,
        }
    }

    /// The language's tag.
    pub fn tag(&self) -> &'static str {
        let Words(language): Words = self.w;
        Language::tag(language)
    }

    /// Who looks, as a short word: the browser keeps drafts apart by it.
    pub fn user(&self) -> String {
        match &self.side {
            Side::Staff(staff) => format!("u{}", staff.id),
            Side::Portal(outsider) => format!("o{:08x}", crc32fast::hash(outsider.email.as_bytes())),
            Side::Nobody => String::new(),
        }
    }

    /// The member of staff who looks, if one does.
    pub fn staff(&self) -> Option<&Staff> {
        match &self.side {
            Side::Staff(staff) => Some(staff),
            _ => None,
        }
    }
}
