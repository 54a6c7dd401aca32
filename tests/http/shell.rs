//! The command line: users of a stopped directory, and every wrong start said in one sentence.

use crate::office::*;
use crate::world::world;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// It ends at once, not content, with one sentence that says this and nothing of how it is made.
fn refuses(arguments: &[&str], says: &str) {
    let (code, out, err) = run(arguments, "", SECOND);
    assert!(code.is_some_and(|code| code != 0), "{arguments:?}: {code:?} {out} {err}");
    assert!(err.contains(says), "{arguments:?} says: {err}");
    assert!(!err.contains("panicked") && !err.contains("RUST_BACKTRACE") && !err.contains(".rs:"), "{err}");
    assert_eq!(out, "", "{arguments:?}");
}

/// The same, and it is one line.
fn refuses_in_a_line(arguments: &[&str], says: &str) {
    refuses(arguments, says);
    let (.., err) = run(arguments, "", SECOND);
    assert_eq!(err.trim_end().lines().count(), 1, "{arguments:?}: {err}");
    assert!(err.starts_with("balcao: "), "{err}");
}

fn serve<'a>(data: &'a str, staff: &'a str, public: &'a str) -> [&'a str; 6] {
    ["--data", data, "--staff", staff, "--public", public]
}

const ANY: &str = "127.0.0.1:0";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn wrong_words_on_the_command_line() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    refuses(&["--nada"], "--nada");
    refuses(&["nada"], "nada");
    refuses(&serve(text(&data), "localhorst", ANY), "localhorst");
    refuses(&serve(text(&data), "127.0.0.1:99999", ANY), "127.0.0.1:99999");
    refuses(&serve(text(&data), "127.0.0.1", ANY), "127.0.0.1");
    refuses(&["user"], "a command is missing");
    assert!(!data.exists(), "nothing was made");
    let (code, out, _) = run(&["--version"], "", SECOND);
    assert_eq!((code, out.starts_with("balcao ")), (Some(0), true));
    let (code, out, _) = run(&["--help"], "", SECOND);
    assert!(code == Some(0) && out.contains("--data") && out.contains("--public") && out.contains("demo"));
}

#[test]
fn a_port_or_an_address_that_cannot_be_had() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let taken = TcpListener::bind(ANY).unwrap();
    let at = taken.local_addr().unwrap().to_string();
    refuses_in_a_line(&serve(text(&data), &at, ANY), &at);
    refuses_in_a_line(&serve(text(&data), ANY, &at), &at);
    refuses_in_a_line(&serve(text(&data), "192.0.2.1:8080", ANY), "192.0.2.1:8080");
}

#[tokio::test]
async fn a_directory_belongs_to_one_process() {
    let data = world().house.data();
    refuses_in_a_line(&serve(text(&data), ANY, ANY), "is in use");
    refuses_in_a_line(&["user", "list", "--data", text(&data)], "is in use");
    assert_eq!(Person::at(&world().house.staff).get("/saude").await.status, 200, "and it goes on");
}

#[test]
fn places_where_nothing_can_be_kept() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("arquivo");
    fs::write(&file, "x").unwrap();
    refuses_in_a_line(&serve(text(&file), ANY, ANY), "cannot be used");
    refuses_in_a_line(&serve(text(&file.join("dentro")), ANY, ANY), "cannot be used");
    refuses_in_a_line(&serve("/proc/balcao", ANY, ANY), "cannot be used");
    refuses_in_a_line(&["user", "list", "--data", text(&dir.path().join("nenhum"))], "does not exist");
    let closed = dir.path().join("fechado");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).unwrap();
    // Root may write everywhere: then there is nothing to refuse.
    if fs::write(closed.join("prova"), "").is_err() {
        refuses_in_a_line(&serve(text(&closed), ANY, ANY), "cannot be used");
    }
}

#[tokio::test]
async fn a_damaged_database_is_said_to_be_one() {
    let mut house = House::open().await;
    house.stop();
    let data = house.data();
    let database = data.join("balcao.redb");
    let whole = fs::read(&database).unwrap();
    let garbage: Vec<u8> = (0..whole.len()).map(|n| (n * 31 % 251) as u8).collect();
    let mut no_head = whole.clone();
    no_head[..512].fill(0);
    let cut = whole[..whole.len() / 3].to_vec();
    for (what, bytes) in
        [("empty", Vec::new()), ("garbage", garbage), ("without a head", no_head), ("cut", cut), ("short", vec![7; 10])]
    {
        fs::write(&database, &bytes).unwrap();
        let arguments = serve(text(&data), ANY, ANY);
        let (code, _, err) = run(&arguments, "", Duration::from_secs(3));
        assert!(code.is_some_and(|code| code != 0), "{what}: {code:?}");
        assert!(err.contains("is damaged") && err.contains("balcao.redb"), "{what}: {err}");
        assert!(!err.contains("panicked"), "{what}: {err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{what}: {err}");
        assert!(fs::read(&database).unwrap() == bytes, "{what}: it is left as it was, for whoever repairs it");
    }
    fs::write(&database, whole).unwrap();
    house.restart();
}

#[tokio::test]
async fn a_directory_of_a_newer_version_is_left_alone() {
    let mut house = House::open().await;
    house.stop();
    let data = house.data();
    {
        let database = redb::Database::open(data.join("balcao.redb")).unwrap();
        let commit = database.begin_write().unwrap();
        let meta: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("meta");
        commit.open_table(meta).unwrap().insert(&b"version"[..], &99_u64.to_be_bytes()[..]).unwrap();
        commit.commit().unwrap();
    }
    refuses_in_a_line(&serve(text(&data), ANY, ANY), "newer version (layout 99");
}

#[tokio::test]
async fn users_are_kept_from_the_command_line_while_the_house_is_closed() {
    let mut house = House::open().await;
    let session = Person::enter(&house.staff, BROKER).await;
    house.stop();
    let data = house.data();
    let user = |rest: &[&str], input: &str| {
        let mut arguments = vec!["user", "--data", text(&data)];
        arguments.extend(rest);
        run(&arguments, input, Duration::from_secs(5))
    };
    let (code, out, err) =
        user(&["add", "nova@aurora.example", "--name", "Nova Pessoa", "--role", "manager"], "lua cheia no mar\n");
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out, err) = user(&["password", BROKER.email], "cinco gatos brancos\r\n");
    assert_eq!(code, Some(0), "{out}{err}");
    let (code, out, _) = user(&["list"], "");
    assert_eq!(code, Some(0));
    assert!(out.lines().any(|line| line == "nova@aurora.example\tmanager\tNova Pessoa\tactive"), "{out}");
    assert!(!out.contains("gatos") && !out.contains("argon2"), "{out}");
    for (rest, input, says) in [
        (["add", "nova@aurora.example", "--name", "Outra"].as_slice(), "lua cheia no mar\n", "email"),
        (&["add", "sem-arroba", "--name", "Outra"], "lua cheia no mar\n", "email"),
        (&["add", "curta@aurora.example", "--name", "Outra"], "curta\n", "password"),
        (&["add", "vazia@aurora.example", "--name", "Outra"], "", "password"),
        (&["add", "x@aurora.example", "--name", "Outra", "--role", "rei"], "lua cheia no mar\n", "role"),
        (&["password", "ninguem@aurora.example"], "lua cheia no mar\n", "ninguem@aurora.example"),
    ] {
        let (code, out, err) = user(rest, input);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{rest:?}: {err}");
        assert!(err.contains(says) && err.trim_end().lines().count() == 1, "{rest:?}: {err}");
    }
    house.restart();
    assert_eq!(session.anew().get("/perfil").await.status, 303, "a new password ended the session");
    let enter = |email: &'static str, password: &'static str| {
        let person = Person::at(&house.staff);
        async move { person.log_in(email, password).await.status }
    };
    assert_eq!(enter(BROKER.email, BROKER.password).await, 422);
    assert_eq!(enter(BROKER.email, "cinco gatos brancos").await, 204);
    assert_eq!(enter("nova@aurora.example", "lua cheia no mar").await, 204);
}

#[tokio::test]
async fn what_is_kept_is_for_its_owner_alone() {
    let house = House::open().await;
    let mut folders = vec![house.data()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o077, 0, "{}", folder.display());
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            seen += 1;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o077, 0, "{}", path.display());
            if path.is_dir() {
                folders.push(path);
            }
        }
    }
    assert!(seen >= 2, "{seen}");
}

#[tokio::test]
async fn a_house_opens_also_where_nobody_reads_what_it_says() {
    let (dir, port) = (tempfile::tempdir().unwrap(), TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let staff = port.to_string();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let arguments = serve(text(dir.path()), &staff, "127.0.0.1:0");
    let mut child = command(&arguments).stdout(writer).spawn().unwrap();
    let outside = Person::at(&format!("http://{staff}"));
    let answers =
        async || outside.try_send(outside.raw(reqwest::Method::GET, "/saude")).await.is_ok_and(|a| a.status == 200);
    eventually("it opens", PATIENCE, answers).await;
    // It would have said so and died by now: it answers after it spoke, or at most a moment before.
    let page = outside.get("/instalacao").await;
    assert_eq!(page.status, 200);
    assert!(child.try_wait().unwrap().is_none(), "and stays open");
    child.kill().unwrap();
    child.wait().unwrap();
}
