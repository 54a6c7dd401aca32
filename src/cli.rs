//! The command line: `serve` (the default), `demo`, `user`, and what [`copies`] does. Flags, environment and defaults say the same things.

mod copies;

use crate::app::{House, Place};
use crate::domain::access::Role;
use crate::domain::password;
use crate::domain::schema::KINDS;
use crate::domain::user::{self, NewUser};
use crate::domain::{No, Refusal, Why, agency, second_factor};
use crate::store::{DataDir, Store};
use crate::tls::{Files, Given, Network};
use crate::words::Words;
use anyhow::{Result, anyhow, bail};
use clap::{Args, Parser, Subcommand};
use std::io::{BufRead, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

/// The service desk of a small real-estate agency in one file.
#[derive(Parser)]
#[command(name = "balcao", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the data directory (this is what happens without a command)
    Serve(Serve),
    /// Serve a throw-away directory filled with a believable agency
    Demo(Doors),
    /// Write the database and all files into one archive, while it is served or not
    Backup {
        #[command(flatten)]
        data: Data,
        /// The archive; one that is there already is replaced once the new one is whole
        file: PathBuf,
        #[command(flatten)]
        seal: copies::Seal,
    },
    /// Make a new data directory of an archive, or go on from one of a directory's own snapshots
    Restore {
        #[command(flatten)]
        data: Data,
        /// The archive
        #[arg(required_unless_present = "snapshot")]
        file: Option<PathBuf>,
        /// Instead: a snapshot of the directory by its name, or "newest"; the database that is there is kept aside
        #[arg(long, value_name = "NAME", conflicts_with = "file")]
        snapshot: Option<String>,
        #[command(flatten)]
        open: copies::Open,
    },
    /// Look whether all is there: rows, indexes, files; nothing is changed
    Check(Data),
    /// Forget the search index of a stopped directory; the next start makes it anew
    Reindex(Data),
    /// Users of a stopped data directory
    User {
        #[command(flatten)]
        data: Data,
        #[command(subcommand)]
        what: UserCommand,
    },
}

#[derive(Args, Clone)]
struct Data {
    /// The data directory
    #[arg(long, env = "BALCAO_DATA", value_name = "DIR", default_value = "./balcao-data", global = true)]
    data: PathBuf,
}

#[derive(Args, Clone)]
struct Doors {
    /// Where the office's pages are served
    #[arg(long, env = "BALCAO_STAFF", value_name = "ADDR:PORT", default_value = "0.0.0.0:8080")]
    staff: SocketAddr,
    /// Where the portal is served
    #[arg(long, env = "BALCAO_PUBLIC", value_name = "ADDR:PORT", default_value = "0.0.0.0:8081")]
    public: SocketAddr,
}

#[derive(Args, Clone)]
struct Serve {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    doors: Doors,
    #[command(flatten)]
    tls: TlsFiles,
    /// A reverse proxy, or its network, whose X-Forwarded-For and X-Forwarded-Proto are believed
    #[arg(long = "trusted-proxy", env = "BALCAO_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    proxies: Vec<Network>,
}

#[derive(Args, Clone)]
struct TlsFiles {
    /// The office's certificate chain (PEM): its pages are then served by HTTPS
    #[arg(long, env = "BALCAO_STAFF_CERT", value_name = "FILE", requires = "staff_key")]
    staff_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, env = "BALCAO_STAFF_KEY", value_name = "FILE", requires = "staff_cert")]
    staff_key: Option<PathBuf>,
    /// The portal's certificate chain (PEM): its pages are then served by HTTPS
    #[arg(long, env = "BALCAO_PUBLIC_CERT", value_name = "FILE", requires = "public_key")]
    public_cert: Option<PathBuf>,
    /// Its key (PEM)
    #[arg(long, env = "BALCAO_PUBLIC_KEY", value_name = "FILE", requires = "public_cert")]
    public_key: Option<PathBuf>,
    /// The ACME directory at which the portal's certificate is asked for, if not Let's Encrypt's
    #[arg(long, env = "BALCAO_ACME_DIRECTORY", value_name = "URL")]
    acme_directory: Option<String>,
    /// The authority of that server's own certificate (PEM), if it is none of the public ones
    #[arg(long, env = "BALCAO_ACME_AUTHORITY", value_name = "FILE")]
    acme_authority: Option<PathBuf>,
}

impl TlsFiles {
    fn given(self) -> Given {
        let both = |chain: Option<PathBuf>, key| chain.zip(key).map(|(chain, key)| Files { chain, key });
        Given {
            office: both(self.staff_cert, self.staff_key),
            portal: both(self.public_cert, self.public_key),
            directory: self.acme_directory,
            directory_authority: self.acme_authority,
        }
    }
}

#[derive(Subcommand)]
enum UserCommand {
    /// Add a user; the password is read from the first line of standard input
    Add {
        /// E-mail with which the user logs in
        email: String,
        /// Name as others read it
        #[arg(long)]
        name: String,
        /// admin, manager, broker or receptionist
        #[arg(long, default_value = "broker")]
        role: String,
    },
    /// Set a user's password, read from the first line of standard input
    Password {
        /// E-mail of the user
        email: String,
    },
    /// Take a user's second factor away, when phone and recovery codes are lost
    SecondFactorOff {
        /// E-mail of the user
        email: String,
    },
    /// List the users
    List,
}

/// Runs what the command line says.
pub fn run() -> Result<()> {
    let cli = Cli::try_parse().unwrap_or_else(|error| explain_arguments(&error));
    match cli.command {
        Some(Command::Serve(serve)) => self::serve(serve),
        None => self::serve(cli.serve),
        Some(Command::Demo(doors)) => demo(doors),
        Some(Command::Backup { data, file, seal }) => copies::backup(&data.data, &file, &seal),
        Some(Command::Restore { data, snapshot: Some(name), .. }) => copies::restore_snapshot(&name, &data.data),
        Some(Command::Restore { data, file, open, .. }) => {
            copies::restore(&file.unwrap_or_default(), &data.data, &open)
        }
        Some(Command::Check(data)) => copies::check(&data.data),
        Some(Command::Reindex(data)) => copies::reindex(&data.data),
        Some(Command::User { data, what }) => users(&data, what),
    }
}

/// Help and version as they are; of everything else the one sentence that says what is wrong.
fn explain_arguments(error: &clap::Error) -> ! {
    if !error.use_stderr() {
        error.exit();
    }
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        eprintln!("balcao: a command is missing (try --help)");
        std::process::exit(2);
    }
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    eprintln!("balcao: {first} (try --help)");
    std::process::exit(2);
}

fn threads() -> Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn serve(serve: Serve) -> Result<()> {
    let place = Place {
        data: serve.data.data,
        staff: serve.doors.staff,
        public: serve.doors.public,
        tls: serve.tls.given(),
        proxies: serve.proxies,
        demo: false,
    };
    threads()?.block_on(async {
        let house = House::open(place).await?;
        let (staff, public) = house.addresses()?;
        house
            .serve(|code| {
                let first = code.map_or(String::new(), |code| {
                    format!("\nPrimeira vez: abra {staff}/instalacao\nCódigo de instalação: {code}\n")
                });
                tell(&format!("Balcão: {staff}\nPortal: {public}\n{first}"));
            })
            .await
    })
}

/// Says where the doors are. Where nobody reads any more, nobody misses it, and the house is open all the same.
fn tell(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn demo(doors: Doors) -> Result<()> {
    let dir = std::env::temp_dir().join(format!("balcao-demo-{}", crate::domain::token::name()));
    let place = Place {
        data: dir.clone(),
        staff: doors.staff,
        public: doors.public,
        tls: Given::default(),
        proxies: Vec::new(),
        demo: true,
    };
    let served = threads()?.block_on(async {
        let house = House::open(place).await?;
        let (staff, public) = house.addresses()?;
        let (store, files) = house.shelves();
        let filled =
            tokio::task::spawn_blocking(move || crate::demo::fill(&store, &files, crate::store::now())).await??;
        house
            .serve(|_| {
                tell(&format!("{}\n", filled.json(&staff, &public)));
            })
            .await
    });
    let removed = std::fs::remove_dir_all(&dir);
    served?;
    removed.map_err(|why| anyhow!("{} could not be removed: {why}", dir.display()))
}

fn users(data: &Data, what: UserCommand) -> Result<()> {
    if !data.data.exists() {
        bail!("{} does not exist: start balcao once, or name another directory with --data", data.data.display());
    }
    let dir = DataDir::open(&data.data)?;
    crate::vault::keeper::meet(&dir)?;
    let store = Store::open(&dir, KINDS)?;
    let done = match what {
        UserCommand::Add { email, name, role } => add_user(&store, email, name, &role),
        UserCommand::Password { email } => set_password(&store, &email),
        UserCommand::SecondFactorOff { email } => second_factor_off(&store, &email),
        UserCommand::List => list_users(&store),
    };
    store.close();
    crate::vault::hand_over(dir.path())?;
    done
}

fn add_user(store: &Store, email: String, name: String, role: &str) -> Result<()> {
    let role = Role::of(role).map_err(|_| anyhow!("the role must be admin, manager, broker or receptionist"))?;
    if agency::the(&store.look()?)?.is_none() {
        bail!("this directory has no agency yet: start balcao and set it up in the browser first");
    }
    let typed = typed_password()?;
    check(&typed, &[&name, &email])?;
    let new = NewUser { name, email: email.clone(), duty: role.into(), password: Some(password::hash(&typed)?) };
    store.write_now(move |tx| user::make(tx, &new)).map_err(explain)?;
    println!("{email}: added");
    Ok(())
}

fn set_password(store: &Store, email: &str) -> Result<()> {
    let found = user::by_email(&store.look()?, &email.trim().to_lowercase())?;
    let user = found.ok_or_else(|| anyhow!("there is no user {email}"))?;
    let typed = typed_password()?;
    check(&typed, &[&user.name, &user.email])?;
    let hashed = password::hash(&typed)?;
    store.write_now(move |tx| user::replace_password(tx, user.id, hashed)).map_err(explain)?;
    println!("{email}: password set; all sessions ended");
    Ok(())
}

fn second_factor_off(store: &Store, email: &str) -> Result<()> {
    let look = store.look()?;
    let found = user::by_email(&look, &email.trim().to_lowercase())?;
    let user = found.ok_or_else(|| anyhow!("there is no user {email}"))?;
    if second_factor::of(&look, user.id)?.is_none() {
        bail!("{email} has no second factor");
    }
    store.write_now(move |tx| second_factor::take_away(tx, user.id)).map_err(explain)?;
    println!("{email}: second factor taken away; all sessions ended");
    Ok(())
}

fn list_users(store: &Store) -> Result<()> {
    for user in user::all(&store.look()?)? {
        println!("{}\t{}\t{}\t{}", user.email, user.role.key(), user.name, user.state().key());
    }
    Ok(())
}

fn typed_password() -> Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("Password (shown as you type): ");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn check(typed: &str, not: &[&str]) -> Result<()> {
    password::check(typed, password::STAFF_CHARS_MIN, not)
        .map_err(|why| anyhow!("the password is not good: {}", in_english(why)))
}

fn in_english(why: Why) -> String {
    crate::web::answer::why_words(Words(crate::domain::values::Language::En), why)
}

fn explain(no: No) -> anyhow::Error {
    match no {
        No::Refused(Refusal::Invalid(wrong)) => {
            let all: Vec<String> =
                wrong.into_iter().map(|(field, why)| format!("{field}: {}", in_english(why))).collect();
            anyhow!(all.join("; "))
        }
        No::Refused(refusal) => {
            anyhow!(crate::web::answer::words(Words(crate::domain::values::Language::En), &refusal))
        }
        No::Failed(fault) => fault.into(),
    }
}
