//! **Balcão**: the service desk of a small real-estate agency in one file.
//!
//! # The floors
//!
//! A request walks straight down to one commit; the commit rings a bell; everyone who must know reads forward from one
//! journal. Nothing below ever calls up. From the ground:
//!
//! - [`store`]: bytes and commits. Tables of records with their indexes, one writer, one journal, files by their hash, the
//!   directory and its lock. It knows no word of the agency.
//! - [`domain`]: the agency in nouns and verbs, one noun a file; what would be true with paper and pencil. It knows no
//!   HTTP, no HTML and no sentence in any human language. Every table stands on one page, [`domain::schema`]; who may do
//!   what, in one table, [`domain::access`].
//! - [`search`]: words and ranking. One thread follows the journal into an index that may be thrown away at any time; what
//!   is found is shown only after the store was asked whether this viewer may see it.
//! - [`vault`]: copies and the way back. Snapshots while the house runs, archives, restoring one, drills.
//! - [`channels`]: other companies' machines. The [`courier`](channels::courier) carries the outbox's letters;
//!   [`email`](channels::email) speaks SMTP.
//! - [`pulse`]: what is true only while somebody is connected, in memory. [`media`]: what an uploaded file really is.
//!   [`words`]: every sentence, in three languages.
//! - [`tls`]: certificates of the two front doors: given in files, of an authority of our own, or asked for by ACME.
//! - [`web`]: screens. [`routes`](web::routes) lists every address of each front door; a handler asks the domain, a view
//!   turns data into markup.
//!
//! `web → search, vault, channels, pulse, tls → domain → store → nobody`; only [`app`], [`cli`] and [`demo`] see everything, and nothing sees
//! them. The tests under `tests/tidy` read the `use` lines and hold us to it.
//!
//! # The way of one message
//!
//! 1. The page posts `/conversas/40/mensagens` with the text and a token that it made itself. [`web::guard`] has looked at
//!    size, pace and origin, [`web::door`] at who asks; `web::inbox::actions::say` receives somebody who is known.
//! 2. [`Store::write`](store::Store::write) hands [`conversation::say`](domain::conversation::say) to the writer's thread.
//! 3. There the verb asks whether this viewer sees the conversation; answers with the first entry where the token was used
//!    before; adds the entry to the timeline; touches the conversation and the deal; plans the letter in the outbox; and
//!    announces what changed. All in the same transaction, which others that waited share.
//! 4. The commit is on disk: from here it has happened. The bell shows how far the journal reaches, and only then is the
//!    caller answered, with the bubble itself (or sent back to the page, without scripts).
//! 5. Every open screen ([`web::live`]) reads the journal from its own last number, asks what of that its viewer may see,
//!    draws it with the views of the page and sends it with the new number. A screen that was away says its last number:
//!    nothing is missing, nothing is doubled.
//! 6. The [`courier`](channels::courier) hears the same bell, carries what is due and records each try as a verb,
//!    [`delivery::tried`](domain::delivery::tried): the tick under the bubble arrives by the same road.
//!
//! # The way of one outsider
//!
//! 1. On a deal's page a broker presses "Criar acesso externo". The password is hashed away from the threads that serve;
//!    then [`external_access::create`](domain::external_access::create), one verb and one commit, makes the contact if
//!    need be, begins a conversation, keeps the access, says the first message and plans the letter.
//! 2. The courier writes that letter at the moment it carries it:
//!    [`one_time`](domain::external_access::one_time) makes 256 random bits, keeps their hash, and the letter alone holds
//!    them. No password goes by mail, ever.
//! 3. The outsider opens the link on the public door, whose table of addresses contains nothing of the office. Opening
//!    changes nothing, since scanners open links too; pressing "Entrar" uses it up
//!    ([`redeem`](domain::external_access::redeem)) and begins a session of that door's own kind.
//! 4. From then on they are a [`Viewer::Outsider`](domain::Viewer): an e-mail, not a role. The only way to a conversation
//!    is [`conversation::visible`](domain::conversation::visible), and it says "not found" to all but those this e-mail
//!    was given; pages, files and the live stream load through it. Internal notes are left out where entries are drawn.
//! 5. What they write walks the way of one message. Once the access is revoked nothing of it loads any more, for the next
//!    request as for a screen that is open.

pub mod store;

pub mod domain;

pub mod search;

pub mod vault;

pub mod channels;
pub mod media;
pub mod pulse;
pub mod tls;
pub mod words;

pub mod web;

pub mod app;
pub mod cli;
pub mod demo;
pub mod host;
