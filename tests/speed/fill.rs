//! A data directory with a hundred thousand conversations, told by the verbs of the domain in large writes, and kept
//! between runs under `target/`.

use balcao::demo::cast::{self, Cast};
use balcao::demo::rng::Rng;
use balcao::demo::script::{Context, Repertoire, Who};
use balcao::domain::access::Role;
use balcao::domain::agency::{self, Setup};
use balcao::domain::conversation::{self, COUNTER, Draft, New};
use balcao::domain::external_access::{self, NewAccess};
use balcao::domain::ids::*;
use balcao::domain::opportunity::{self, Kind};
use balcao::domain::password::{self, Hashed};
use balcao::domain::schema::KINDS;
use balcao::domain::user::{self, NewUser};
use balcao::domain::values::Language;
use balcao::domain::{Outsider, Staff, Viewer, contact};
use balcao::search::Search;
use balcao::store::{DataDir, Store, Tx, now, trim_journal};
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// Raised when what is filled in changes: older directories are made again.
const EDITION: u32 = 5;
/// One password for everybody.
pub const PASSWORD: &str = "quatro gatos pardos";
/// How many of the staff see everything (the first is the admin), and how many are brokers.
pub const SEERS: usize = 10;
pub const BROKERS: usize = 10;
const ENTRIES_EACH: usize = 10;
const CONVERSATIONS_A_WRITE: usize = 250;
/// Talks told before the teller begins anew; it remembers each of them.
const TALKS_A_TELLER: usize = 400;
const YEARS_MS: i64 = 2 * 365 * 86_400_000;
const FIRST: [&str; 24] = [
    "Ana",
    "Bruno",
    "Carla",
    "Diego",
    "Elisa",
    "Fábio",
    "Gabriela",
    "Heitor",
    "Irene",
    "João",
    "Kátia",
    "Lucas",
    "Marta",
    "Nelson",
    "Olívia",
    "Paulo",
    "Quitéria",
    "Rafael",
    "Sônia",
    "Tiago",
    "Úrsula",
    "Vítor",
    "Wanda",
    "Zélia",
];
const LAST: [&str; 20] = [
    "Almeida",
    "Barros",
    "Cardoso",
    "Dias",
    "Esteves",
    "Ferreira",
    "Gonçalves",
    "Henriques",
    "Inácio",
    "Jardim",
    "Lopes",
    "Machado",
    "Nogueira",
    "Oliveira",
    "Pinheiro",
    "Queirós",
    "Ribeiro",
    "Santana",
    "Teixeira",
    "Vasconcelos",
];

/// Where filled directories lie, on the disk that is measured.
pub fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("speed");
    std::fs::create_dir_all(&root).unwrap();
    root
}

/// A filled directory, not to be written to: see [`Filled::copy`].
pub struct Filled {
    path: PathBuf,
    pub conversations: usize,
}

impl Filled {
    /// The directory with so many conversations, made if need be.
    pub fn with(conversations: usize) -> Self {
        let root = root();
        let path = root.join(format!("filled-{EDITION}-{conversations}"));
        if !path.exists() {
            let draft = tempfile::tempdir_in(&root).unwrap();
            fill(&draft.path().join("data"), conversations);
            std::fs::rename(draft.path().join("data"), &path).unwrap();
        }
        Self { path, conversations }
    }

    /// A copy to work with: `data` in a directory that goes when it is dropped.
    pub fn copy(&self) -> tempfile::TempDir {
        let dir = tempfile::tempdir_in(self.path.parent().unwrap()).unwrap();
        let copied = std::process::Command::new("cp").arg("-a").arg(&self.path).arg(dir.path().join("data")).status();
        assert!(copied.unwrap().success());
        dir
    }

    /// How many conversations wait, and how many are open behind those that are closed: the newest.
    pub fn living(&self) -> (usize, usize) {
        living(self.conversations)
    }
}

fn living(conversations: usize) -> (usize, usize) {
    ((conversations / 20).min(300), (conversations * 3 / 5).min(3_000))
}

/// The address of the n-th of the staff: those who see everything first, then the brokers.
pub fn email(n: usize) -> String {
    format!("equipe{n}@aurora.example")
}

/// The address of the n-th contact.
pub fn contact_email(n: usize) -> String {
    format!("contato{n}@exemplo.com")
}

fn fill(data: &Path, conversations: usize) {
    let began = Instant::now();
    eprintln!("filling {conversations} conversations …");
    let dir = DataDir::open(data).unwrap();
    let store = Arc::new(Store::open(&dir, KINDS).unwrap());
    let mut teller = store.write_now(move |tx| Teller::begin(tx, conversations)).unwrap();
    while teller.told < conversations {
        teller = store
            .write_now(move |tx| {
                for _ in 0..CONVERSATIONS_A_WRITE.min(teller.conversations - teller.told) {
                    teller.tell(tx)?;
                }
                tx.set_now(now());
                for _ in 0..4 {
                    trim_journal(tx, now() - 86_400_000)?;
                }
                anyhow::Ok(teller)
            })
            .unwrap();
        if teller.told.is_multiple_of(10_000) {
            eprintln!("  {} in {:.0?}", teller.told, began.elapsed());
        }
    }
    let indexing = Instant::now();
    let search = Search::start(dir.path(), store.clone());
    let (mut reached, goal) = (search.reached(), store.look().unwrap().reached().unwrap());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(reached.wait_for(|reached| *reached >= goal)).unwrap();
    let indexed_in = indexing.elapsed();
    search.stop();
    drop((reached, search));
    Arc::into_inner(store).expect("nobody else has it").close();
    eprintln!("  filled in {:.0?}, of it {indexed_in:.0?} for the index", began.elapsed());
}

struct Teller {
    cast: Cast,
    rng: Rng,
    repertoire: Repertoire,
    lines: VecDeque<(Who, String)>,
    talks: usize,
    password: Hashed,
    staff: Vec<Staff>,
    contacts: Vec<ContactId>,
    deals: Vec<OpportunityId>,
    reasons: Vec<ReasonId>,
    conversations: usize,
    told: usize,
    begins_at: i64,
}

impl Teller {
    fn begin(tx: &mut Tx<'_>, conversations: usize) -> anyhow::Result<Self> {
        let password = password::hash(PASSWORD)?;
        let begins_at = now() - YEARS_MS;
        tx.set_now(begins_at);
        let setup = Setup {
            name: cast::AGENCY.into(),
            hue: 40,
            language: Language::PtBr,
            time_zone: "America/Sao_Paulo".into(),
            user_name: "Carla Nunes".into(),
            user_email: email(0),
            password: password.clone(),
        };
        let mut ids = vec![agency::set_up(tx, &setup)?];
        for n in 1..SEERS + BROKERS {
            let role = if n < SEERS { Role::Manager } else { Role::Broker };
            let name = format!("{} {}", FIRST[n % FIRST.len()], LAST[n * 7 % LAST.len()]);
            ids.push(user::make(
                tx,
                &NewUser { name, email: email(n), duty: role.into(), password: Some(password.clone()) },
            )?);
        }
        let mut staff = Vec::new();
        for id in ids {
            let one = user::by_id(tx, id)?.expect("was just made");
            staff.push(user::as_staff(tx, &one, SessionId(0))?);
        }
        let (mut contacts, mut deals) = (Vec::new(), Vec::new());
        for n in 0..conversations / 3 {
            let name = format!("{} {} {}", FIRST[n % 24], LAST[n / 24 % 20], LAST[n / 480 % 20]);
            let phones = format!("62 9{:04} {:04}", n / 10_000, n % 10_000);
            let draft = contact::Draft { name, emails: contact_email(n), phones, note: String::new() };
            contacts.push(contact::add(tx, &staff[0], &draft)?);
        }
        for n in 0..conversations / 5 {
            let draft = opportunity::Draft {
                kind: Kind::ALL[n % 3],
                title: format!("Apartamento {} no Setor Bueno", n + 1),
                seeking: "três quartos, com garagem, perto da escola".into(),
                property: "Rua T-37, 1.204".into(),
                amount: Some(45_000_000 + n as u64),
                contact: contacts[n % contacts.len()],
                responsible: staff[SEERS + n % BROKERS].id,
            };
            deals.push(opportunity::add(tx, &staff[0], &draft)?);
        }
        let reasons = balcao::domain::reason::all(tx)?.into_iter().map(|reason| reason.id).collect();
        let (cast, rng, repertoire) = (cast::cast(), Rng::new(77), Repertoire::default());
        let (lines, talks, told) = (VecDeque::new(), 0, 0);
        Ok(Self {
            cast,
            rng,
            repertoire,
            lines,
            talks,
            password,
            staff,
            contacts,
            deals,
            reasons,
            conversations,
            told,
            begins_at,
        })
    }

    /// The next line anybody says.
    fn line(&mut self) -> (Who, String) {
        while self.lines.is_empty() {
            if self.talks.is_multiple_of(TALKS_A_TELLER) {
                self.repertoire = Repertoire::default();
            }
            self.talks += 1;
            let caller = self.cast.caller(&mut self.rng);
            let context = Context::new(&mut self.rng, &self.cast, caller);
            let (from, until) = (jiff::civil::date(2025, 3, 3), jiff::civil::date(2026, 3, 3));
            let talk = self.repertoire.talk(&mut self.rng, &context, from.at(9, 0, 0, 0), until.at(0, 0, 0, 0));
            self.lines.extend(talk.lines.into_iter().map(|line| (line.who, line.text)));
        }
        self.lines.pop_front().expect("was just filled")
    }

    /// One conversation of exactly [`ENTRIES_EACH`] entries.
    fn tell(&mut self, tx: &mut Tx<'_>) -> anyhow::Result<()> {
        let n = self.told;
        self.told += 1;
        let begun = self.begins_at + (YEARS_MS - 86_400_000) / self.conversations as i64 * n as i64;
        tx.set_now(begun);
        let left = self.conversations - n;
        let (queued, open) = living(self.conversations);
        if left <= queued {
            return self.queue(tx, n);
        }
        let stays_open = left <= queued + open;
        let deal = self.rng.range(0, self.deals.len() as u32 - 1) as usize;
        let broker = self.staff[SEERS + deal % BROKERS].clone();
        let inside = Viewer::Staff(broker.clone());
        let contact = self.rng.range(0, self.contacts.len() as u32 - 1) as usize;
        let portal = self.rng.chance(60);
        let (id, mut entries) = if portal {
            let first = Draft { text: self.line().1, ..Draft::default() };
            let email = contact_email(contact);
            let new = NewAccess { email, name: String::new(), password: self.password.clone(), first, mail: false };
            (external_access::create(tx, &broker, self.deals[deal], &new)?.conversation, 3)
        } else {
            let new = New {
                contact: self.contacts[contact],
                opportunity: None,
                channel: COUNTER,
                department: None,
                responsible: Some(broker.id),
            };
            (conversation::begin(tx, &broker, &new)?, 1)
        };
        let outside = Viewer::Outsider(Outsider {
            email: contact_email(contact),
            language: Language::PtBr,
            session: SessionId(0),
            from: String::new(),
            opened_by: None,
        });
        // The closing message and the event itself are entries, too; at the counter only the event is.
        let last = if stays_open { 0 } else { 1 + usize::from(portal) };
        while entries < ENTRIES_EACH - last {
            tx.set_now(begun + entries as i64 * 90_000);
            let (who, text) = self.line();
            let by = if portal && who == Who::Outside { &outside } else { &inside };
            let draft = Draft { text, internal: who == Who::Note, ..Draft::default() };
            conversation::say(tx, by, id, &draft)?;
            entries += 1;
        }
        if !stays_open {
            let reason = *self.rng.pick(&self.reasons);
            conversation::mark_read(tx, &inside, id, u64::MAX)?;
            conversation::close(tx, &broker, id, Some(reason))?;
        }
        Ok(())
    }

    /// One that waits: somebody called, and reception wrote it down.
    fn queue(&mut self, tx: &mut Tx<'_>, n: usize) -> anyhow::Result<()> {
        let staff = self.staff[1].clone();
        let contact = self.contacts[n % self.contacts.len()];
        let new = New { contact, opportunity: None, channel: COUNTER, department: None, responsible: None };
        let id = conversation::begin(tx, &staff, &new)?;
        for _ in 1..ENTRIES_EACH {
            let draft = Draft { text: self.line().1, internal: true, ..Draft::default() };
            conversation::say(tx, &Viewer::Staff(staff.clone()), id, &draft)?;
        }
        Ok(())
    }
}
