//! Every table and every index on one page.
//!
//! A table maps a record's number to its fields. An index maps the key written beside it, followed by the record's
//! number, to nothing. Texts in keys are folded (lower case, no accents) where people search them.

use super::conversation::ReadMark;
use super::external_access::OneTime;
use super::invitation::Invitation;
use super::{
    agency, attachment, audit, contact, conversation, delivery, entry, external_access, opportunity, presence, reason,
    role, second_factor, session, user,
};
use crate::store::{Kind, Table};

// Who runs the place
pub(super) const AGENCIES: Table = "agencies"; // one record: number 1
pub(super) const USERS: Table = "users";
pub(super) const USERS_BY_EMAIL: Table = "users_by_email"; // email
pub(super) const INVITATIONS: Table = "invitations";
pub(super) const INVITATIONS_BY_HASH: Table = "invitations_by_hash"; // SHA-256 of each of its links' secrets
pub(super) const INVITATIONS_BY_USER: Table = "invitations_by_user"; // user
pub(super) const SECOND_FACTORS: Table = "second_factors"; // under the user's number
pub(super) const SESSIONS: Table = "sessions";
pub(super) const SESSIONS_BY_TOKEN: Table = "sessions_by_token"; // SHA-256 of the cookie
pub(super) const SESSIONS_BY_OWNER: Table = "sessions_by_owner"; // "u" user | "o" email
pub(super) const AUDIT: Table = "audit"; // append-only, hash-chained
pub(super) const AUDIT_CHAIN: Table = "audit_chain"; // one record: number 1
pub(super) const PRESENCES: Table = "presences"; // the register of who is in
pub(super) const PRESENCES_BY_DAY: Table = "presences_by_day"; // day
pub(super) const PRESENCES_BY_USER: Table = "presences_by_user"; // user
pub(super) const PRESENCES_OPEN: Table = "presences_open"; // user; only those that did not end
pub(super) const ROLES: Table = "roles"; // the agency's own
pub(super) const REASONS: Table = "reasons";
pub(super) const DEPARTMENTS: Table = "departments";

// Who they deal with, and about what
pub(super) const CONTACTS: Table = "contacts";
pub(super) const CONTACTS_BY_NAME: Table = "contacts_by_name"; // folded name
pub(super) const CONTACTS_BY_EMAIL: Table = "contacts_by_email"; // each email
pub(super) const CONTACTS_BY_PHONE: Table = "contacts_by_phone"; // each phone: its matching key, and all its digits
pub(super) const CONTACTS_BY_WORD: Table = "contacts_by_word"; // each word of the folded name and each phone's ends, name
pub(super) const OPPORTUNITIES: Table = "opportunities";
pub(super) const OPPORTUNITIES_BY_TIME: Table = "opportunities_by_time"; // updated at
pub(super) const OPPORTUNITIES_BY_USER: Table = "opportunities_by_user"; // responsible, updated at
pub(super) const OPPORTUNITIES_BY_CONTACT: Table = "opportunities_by_contact"; // contact, updated at

// What is said
pub(super) const CONVERSATIONS: Table = "conversations";
pub(super) const CONVERSATIONS_BY_STATE: Table = "conversations_by_state"; // state, last activity
pub(super) const CONVERSATIONS_BY_WATCHER: Table = "conversations_by_watcher"; // user, state, last activity
pub(super) const CONVERSATIONS_OF_CONTACT: Table = "conversations_of_contact"; // contact, number
pub(super) const CONVERSATIONS_BY_OPPORTUNITY: Table = "conversations_by_opportunity"; // opportunity, number
pub(super) const CONVERSATIONS_BY_TOKEN: Table = "conversations_by_token"; // the portal's name for it
pub(super) const CONVERSATIONS_UNREAD: Table = "conversations_unread"; // responsible; open, and not read to its end
pub(super) const READ_MARKS: Table = "read_marks";
pub(super) const READ_MARKS_BY_USER: Table = "read_marks_by_user"; // conversation, user
pub(super) const ENTRIES: Table = "entries"; // the timeline: append-only
pub(super) const ENTRIES_BY_CONVERSATION: Table = "entries_by_conversation"; // conversation, number
pub(super) const ENTRIES_OUTSIDE: Table = "entries_outside"; // conversation, place among what the outside sees
pub(super) const ENTRIES_WITH_FILES: Table = "entries_with_files"; // conversation, 0, number | 1, place outside
pub(super) const ENTRIES_ON_CONTACT: Table = "entries_on_contact"; // contact, number; only those of no conversation
pub(super) const ENTRIES_ON_OPPORTUNITY: Table = "entries_on_opportunity"; // opportunity, number; the same ones
pub(super) const ENTRIES_BY_TOKEN: Table = "entries_by_token"; // author, the page's token
pub(super) const ATTACHMENTS: Table = "attachments";
pub(super) const ATTACHMENTS_BY_TOKEN: Table = "attachments_by_token"; // its random name
pub(super) const ATTACHMENTS_LOOSE: Table = "attachments_loose"; // uploaded at; not yet in a message

// Who may come in from outside, and what goes out
pub(super) const ACCESSES: Table = "accesses";
pub(super) const ACCESSES_BY_EMAIL: Table = "accesses_by_email"; // email
pub(super) const ACCESSES_BY_OPPORTUNITY: Table = "accesses_by_opportunity"; // opportunity
pub(super) const ACCESSES_BY_CONVERSATION: Table = "accesses_by_conversation"; // conversation
pub(super) const ENTRIES_ONCE: Table = "one_time_entries";
pub(super) const ENTRIES_ONCE_BY_HASH: Table = "one_time_entries_by_hash"; // SHA-256 of the link's token
pub(super) const ENTRIES_ONCE_BY_ACCESS: Table = "one_time_entries_by_access"; // access
pub(super) const DELIVERIES: Table = "deliveries"; // the outbox
pub(super) const DELIVERIES_DUE: Table = "deliveries_due"; // next try at; only those still to go

/// Every kind of record with the indexes in which it stands: what a check of the database walks.
pub const KINDS: &[Kind] = &[
    Kind::of::<agency::Agency>(&[]),
    Kind::of::<user::User>(&[USERS_BY_EMAIL]),
    Kind::of::<Invitation>(&[INVITATIONS_BY_HASH, INVITATIONS_BY_USER]),
    Kind::of::<second_factor::SecondFactor>(&[]),
    Kind::of::<session::Session>(&[SESSIONS_BY_TOKEN, SESSIONS_BY_OWNER]),
    Kind::of::<audit::Note>(&[]),
    Kind::of::<audit::Chain>(&[]),
    Kind::of::<presence::Presence>(&[PRESENCES_BY_DAY, PRESENCES_BY_USER, PRESENCES_OPEN]),
    Kind::of::<role::OwnRole>(&[]),
    Kind::of::<reason::Reason>(&[]),
    Kind::of::<reason::Department>(&[]),
    Kind::of::<contact::Contact>(&[CONTACTS_BY_NAME, CONTACTS_BY_EMAIL, CONTACTS_BY_PHONE, CONTACTS_BY_WORD]),
    Kind::of::<opportunity::Opportunity>(&[OPPORTUNITIES_BY_TIME, OPPORTUNITIES_BY_USER, OPPORTUNITIES_BY_CONTACT]),
    Kind::of::<conversation::Conversation>(&[
        CONVERSATIONS_BY_STATE,
        CONVERSATIONS_BY_WATCHER,
        CONVERSATIONS_OF_CONTACT,
        CONVERSATIONS_BY_OPPORTUNITY,
        CONVERSATIONS_BY_TOKEN,
        CONVERSATIONS_UNREAD,
    ]),
    Kind::of::<ReadMark>(&[READ_MARKS_BY_USER]),
    Kind::of::<entry::Entry>(&[
        ENTRIES_BY_CONVERSATION,
        ENTRIES_OUTSIDE,
        ENTRIES_WITH_FILES,
        ENTRIES_ON_CONTACT,
        ENTRIES_ON_OPPORTUNITY,
        ENTRIES_BY_TOKEN,
    ]),
    Kind::of::<attachment::Attachment>(&[ATTACHMENTS_BY_TOKEN, ATTACHMENTS_LOOSE]),
    Kind::of::<external_access::Access>(&[ACCESSES_BY_EMAIL, ACCESSES_BY_OPPORTUNITY, ACCESSES_BY_CONVERSATION]),
    Kind::of::<OneTime>(&[ENTRIES_ONCE_BY_HASH, ENTRIES_ONCE_BY_ACCESS]),
    Kind::of::<delivery::Delivery>(&[DELIVERIES_DUE]),
];

#[cfg(test)]
mod tests {
    use super::KINDS;
    use std::collections::BTreeSet;

    #[test]
    fn the_check_walks_every_table_of_this_page() {
        let page = include_str!("schema.rs").split("pub const KINDS").next().expect("a page");
        let named: BTreeSet<&str> = page
            .lines()
            .filter(|line| line.starts_with("pub(super) const"))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        let walked: BTreeSet<&str> = KINDS.iter().flat_map(|kind| kind.tables()).collect();
        assert!(named.len() > 30, "the page is read");
        assert_eq!(named, walked);
    }
}
