//! The house, opened and closed: directory, store, followers, the two front doors; and in reverse order at the end.

use crate::channels::courier::Courier;
use crate::domain::schema::KINDS;
use crate::domain::{Answer, No, agency, attachment, presence, token, upkeep};
use crate::search::Search;
use crate::store::arrival;
use crate::store::files::Files;
use crate::store::{DataDir, Store};
use crate::tls::{self, Given, Network, Tls};
use crate::vault::check;
use crate::vault::keeper::{self, Keeper};
use crate::web::desk::{Desk, Front, Shelves};
use crate::web::listener::{Limits, Proxies, Terms, serve};
use crate::web::routes;
use anyhow::{Context, Result, anyhow};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::interval;

const MINUTE: Duration = Duration::from_secs(60);
/// How long after midnight a day may begin.
const DAY_LOOK: Duration = Duration::from_secs(5);

/// Where to be.
#[derive(Clone, Debug)]
pub struct Place {
    /// The data directory.
    pub data: PathBuf,
    /// The office's door.
    pub staff: SocketAddr,
    /// The public door.
    pub public: SocketAddr,
    /// Certificates of one's own.
    pub tls: Given,
    /// Who may speak for others.
    pub proxies: Vec<Network>,
    /// Whether this is the demonstration.
    pub demo: bool,
}

/// An open house that does not serve yet.
pub struct House {
    dir: DataDir,
    store: Arc<Store>,
    files: Files,
    keeper: Arc<Keeper>,
    staff: TcpListener,
    public: TcpListener,
    tls: Arc<Tls>,
    place: Place,
}

impl House {
    /// Opens directory and doors. Every failure is one sentence.
    pub async fn open(place: Place) -> Result<Self> {
        let dir = DataDir::open(&place.data)?;
        keeper::meet(&dir)?;
        let store = Arc::new(Store::open(&dir, KINDS)?);
        arrival::settle(&dir).with_context(|| format!("{} cannot be used", dir.path().display()))?;
        let files = Files::open(dir.path()).with_context(|| format!("{} cannot be used", dir.path().display()))?;
        let tls = Arc::new(Tls::open(dir.path(), place.tls.clone())?);
        let staff = listen(place.staff).await?;
        let public = listen(place.public).await?;
        let keeper = Keeper::new(dir.path(), store.clone(), files.clone());
        let keeper = Arc::new(keeper.with_context(|| format!("{} cannot be used", dir.path().display()))?);
        Ok(Self { dir, store, files, keeper, staff, public, tls, place })
    }

    /// The store and the files, for whoever fills them before it serves.
    pub fn shelves(&self) -> (Arc<Store>, Files) {
        (self.store.clone(), self.files.clone())
    }

    /// The two addresses as a browser on this machine writes them: office, portal.
    pub fn addresses(&self) -> Result<(String, String)> {
        let (office, portal) = (&self.tls.office, &self.tls.portal);
        Ok((address(self.staff.local_addr()?, office), address(self.public.local_addr()?, portal)))
    }

    /// Serves until the process is told to stop, then closes in reverse order. `ready` is called once both doors answer.
    pub async fn serve(self, ready: impl FnOnce(Option<&str>)) -> Result<()> {
        let (close, closing) = watch::channel(false);
        let set_up = agency::the(&self.store.look()?)?.is_some();
        let code = (!set_up).then(setup_code);
        let (_, portal) = self.addresses()?;
        let office = reached(self.staff.local_addr()?).to_string();
        let front = Front { office, portal, tls: self.tls.clone(), demo: self.place.demo };
        let search = Arc::new(Search::start(self.dir.path(), self.store.clone()));
        let shelves = Shelves {
            store: self.store.clone(),
            files: self.files.clone(),
            search: search.clone(),
            keeper: self.keeper.clone(),
        };
        let desk = Arc::new(Desk::new(shelves, self.dir.path(), code.clone(), front, closing.clone()));
        let (at_portal, at_office) = (desk.clone(), desk.clone());
        let courier = Courier {
            store: self.store.clone(),
            dir: self.dir.path().to_owned(),
            portal: Arc::new(move || at_portal.portal()),
            office: Arc::new(move || at_office.office()),
        };
        let courier = tokio::spawn(courier.run(closing.clone()));
        let sweeper = tokio::spawn(keep_house(self.store.clone(), self.files.clone(), closing.clone()));
        let days = tokio::spawn(keep_days(self.store.clone(), closing.clone()));
        let copies = tokio::spawn(self.keeper.clone().run(closing.clone()));
        let fresh = tokio::spawn(self.tls.clone().keep());
        let proxies = Arc::new(Proxies(self.place.proxies));
        let terms =
            |tls: &Arc<tls::Front>| Terms { limits: Limits::default(), tls: tls.clone(), proxies: proxies.clone() };
        let office = terms(&self.tls.office);
        let staff = tokio::spawn(serve(self.staff, routes::staff(desk.clone()), office, closing.clone()));
        let public = tokio::spawn(serve(self.public, routes::public(desk), terms(&self.tls.portal), closing));
        let told_to_stop = stopping()?;
        ready(code.as_deref());
        told_to_stop.await;
        tracing::info!("closing");
        close.send_replace(true);
        fresh.abort();
        for task in [staff, public, courier, sweeper, days, copies] {
            if tokio::time::timeout(Duration::from_secs(7), task).await.is_err() {
                tracing::warn!("something did not stop in time and was left behind");
            }
        }
        if tokio::task::spawn_blocking(move || search.stop()).await.is_err() {
            tracing::error!("the search did not stop cleanly; its index is mended at the next start");
        }
        let keeper = self.keeper;
        if tokio::task::spawn_blocking(move || keeper.last()).await.is_err() {
            tracing::error!("the last snapshot failed; the next start is not affected");
        }
        close_store(self.store).await;
        Ok(())
    }
}

/// Connections that were dropped let go of the store within moments; the file must be closed for a quick next start.
async fn close_store(mut store: Arc<Store>) {
    for _ in 0..100 {
        match Arc::try_unwrap(store) {
            Ok(store) => {
                let closed = tokio::task::spawn_blocking(move || store.close());
                if closed.await.is_err() {
                    tracing::error!("the store did not close cleanly; nothing acknowledged is lost by that");
                }
                return;
            }
            Err(shared) => store = shared,
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tracing::warn!("the store is still in use and was not closed; nothing acknowledged is lost by that");
}

async fn listen(at: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(at).await.map_err(|why| anyhow!("{at} cannot be listened on: {why}"))
}

/// Eight letters and digits that nobody confuses, in two groups.
fn setup_code() -> String {
    const SIGNS: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let secret = token::hash(&token::secret());
    let code: String = secret.iter().take(8).map(|byte| char::from(SIGNS[usize::from(*byte) % SIGNS.len()])).collect();
    format!("{}-{}", &code[..4], &code[4..])
}

/// As a browser writes it.
fn address(at: SocketAddr, tls: &tls::Front) -> String {
    let scheme = if tls.is_strict() { "https" } else { "http" };
    format!("{scheme}://{}", reached(at))
}

/// Bound to every address, the house names the one by which the network knows this machine.
fn reached(at: SocketAddr) -> SocketAddr {
    let ip = if at.ip().is_unspecified() { own_address().unwrap_or(Ipv4Addr::LOCALHOST.into()) } else { at.ip() };
    SocketAddr::new(ip, at.port())
}

/// Asks the routing table, by a socket that sends nothing.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|at| at.ip()).filter(|ip| !ip.is_unspecified())
}

/// What tells the process to stop, heard from the moment this returns.
fn stopping() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut term = signal(SignalKind::terminate())?;
    let mut int = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = int.recv() => {}
        }
    })
}

/// What time does: sessions, links and uploads that are over, the journal's end, files nobody names.
async fn keep_house(store: Arc<Store>, files: Files, mut closing: watch::Receiver<bool>) {
    let mut minutes = interval(MINUTE);
    for minute in 0_u64.. {
        tokio::select! {
            _ = minutes.tick() => {}
            _ = closing.changed() => return,
        }
        let set_back = store.clock().may_follow();
        if !set_back && minute % 60 != 0 {
            continue;
        }
        match sweep(&store).await {
            // What is over by now stays over, so the house's clock may go back to the machine's.
            Ok(()) if set_back => store.clock().follow(),
            Ok(()) => {}
            Err(no) => tracing::error!(%no, "the hourly sweep failed"),
        }
        if !store.clock().is_even() {
            continue;
        }
        let (store, files) = (store.clone(), files.clone());
        let unnamed = tokio::task::spawn_blocking(move || sweep_files(&store, &files));
        if let Ok(Err(error)) = unnamed.await {
            tracing::error!(%error, "unused files could not be removed");
        }
    }
}

/// Begins the agency's days: ends what yesterday left open in the register, and tells the screens that it is morning.
async fn keep_days(store: Arc<Store>, mut closing: watch::Receiver<bool>) {
    let mut looks = interval(DAY_LOOK);
    let mut begun: Option<String> = None;
    loop {
        tokio::select! {
            _ = looks.tick() => {}
            _ = closing.changed() => return,
        }
        let today = store.look().map_err(No::from).and_then(|look| presence::today(&look, store.now()));
        let kept = match today {
            Ok((today, false)) if begun.is_none() || today == begun => {
                begun = today;
                Ok(())
            }
            Ok((today, _)) => store.write(presence::begin_day).await.map(|()| begun = today),
            Err(no) => Err(no),
        };
        if let Err(no) = kept {
            tracing::warn!(%no, "the day could not begin; it is tried again");
        }
    }
}

/// Puts away what is over.
async fn sweep(store: &Store) -> Answer<()> {
    let even = store.clock().is_even();
    while store.write(move |tx| upkeep::sweep(tx, even)).await? {}
    Ok(())
}

/// Removes files that no record names and that are older than any upload may wait.
fn sweep_files(store: &Store, files: &Files) -> Result<()> {
    let kept = files.list()?;
    let look = store.look()?;
    let named = check::named(&look)?;
    let young = Duration::from_millis(attachment::LOOSE_MS_MAX.unsigned_abs());
    for one in kept {
        if !named.contains_key(&one.hash) {
            files.remove_older(&one.hash, young)?;
        }
    }
    Ok(())
}
