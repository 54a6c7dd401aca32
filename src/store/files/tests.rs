use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::*;

const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn house() -> (tempfile::TempDir, Files) {
    let dir = tempfile::tempdir().unwrap();
    let files = Files::open(dir.path()).unwrap();
    (dir, files)
}

fn drafts_on_disk(dir: &Path) -> usize {
    fs::read_dir(dir.join("files/tmp")).unwrap().count()
}

async fn kept(files: &Files, bytes: &[u8]) -> Hash {
    let mut draft = files.draft();
    draft.write(bytes).await.unwrap();
    draft.keep().await.unwrap()
}

async fn contents(files: &Files, hash: &Hash) -> Vec<u8> {
    let (mut file, len) = files.read(hash).await.unwrap();
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(bytes.len() as u64, len);
    bytes
}

#[test]
fn a_hash_has_one_spelling() {
    let hash: Hash = ABC.parse().unwrap();
    assert_eq!(hash.to_string(), ABC);
    assert_eq!(serde_json::to_string(&hash).unwrap(), format!("\"{ABC}\""));
    assert_eq!(serde_json::from_str::<Hash>(&format!("\"{ABC}\"")).unwrap(), hash);
    assert_eq!(rmp_serde::from_slice::<Hash>(&rmp_serde::to_vec_named(&hash).unwrap()).unwrap(), hash);
    for bad in [
        "",
        "ab",
        &ABC[1..],
        &ABC.to_uppercase(),
        &format!("{ABC}0"),
        &format!("{ABC}00"),
        &ABC.replace('b', "/"),
        &ABC.replace("ba", "é"),
    ] {
        assert_eq!(bad.parse::<Hash>(), Err(NotAHash), "{bad}");
        assert!(serde_json::from_str::<Hash>(&format!("\"{bad}\"")).is_err());
    }
    assert!(EMPTY.parse::<Hash>().unwrap() > hash);
}

#[tokio::test]
async fn bytes_are_kept_under_their_hash() {
    let (dir, files) = house();
    let hash = kept(&files, b"abc").await;
    assert_eq!(hash.to_string(), ABC);
    assert_eq!(files.path(&hash), dir.path().join("files/ba").join(ABC));
    assert_eq!(contents(&files, &hash).await, b"abc");
    assert_eq!(kept(&files, b"").await.to_string(), EMPTY);
    assert_eq!(drafts_on_disk(dir.path()), 0);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&files.path(&hash)), 0o600);
    assert_eq!(mode(&dir.path().join("files")), 0o700);
    assert_eq!(mode(&dir.path().join("files/ba")), 0o700);
}

#[tokio::test]
async fn a_long_file_in_odd_pieces_is_the_same_file() {
    let (_dir, files) = house();
    let long: Vec<u8> = (0..3 * BUFFER_BYTES + 17).map(|n| (n % 251) as u8).collect();
    let mut draft = files.draft();
    for piece in long.chunks(70_001) {
        draft.write(piece).await.unwrap();
    }
    assert_eq!(draft.bytes(), long.len() as u64);
    assert!(draft.buffer.capacity() <= 2 * BUFFER_BYTES, "memory does not grow with the file");
    let seen = draft.written().await.unwrap();
    assert_eq!(fs::read(seen).unwrap(), long, "it can be looked at before it is kept");
    let hash = draft.keep().await.unwrap();
    assert_eq!(hash, Hash(Sha256::digest(&long).into()));
    assert_eq!(hash, kept(&files, &long).await, "one write of all of it gives the same");
    assert!(contents(&files, &hash).await == long);
}

#[tokio::test]
async fn the_same_bytes_are_kept_once_and_heal_a_rotten_copy() {
    let (dir, files) = house();
    let (one, two) = tokio::join!(kept(&files, b"abc"), kept(&files, b"abc"));
    assert_eq!(one, two);
    assert_eq!(files.list().unwrap().len(), 1);
    fs::write(files.path(&one), b"abX").unwrap();
    kept(&files, b"abc").await;
    assert_eq!(contents(&files, &one).await, b"abc");
    assert_eq!(drafts_on_disk(dir.path()), 0);
}

#[tokio::test]
async fn a_draft_given_up_leaves_nothing() {
    let (dir, files) = house();
    let mut draft = files.draft();
    draft.write(&vec![7; BUFFER_BYTES + 1]).await.unwrap();
    assert_eq!(drafts_on_disk(dir.path()), 1);
    drop(draft);
    assert_eq!(drafts_on_disk(dir.path()), 0);
    assert_eq!(files.list().unwrap(), []);
}

#[test]
fn a_client_gone_in_the_middle_of_a_write_leaves_nothing() {
    let (dir, files) = house();
    let one_disk_thread =
        tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_time().build().unwrap();
    one_disk_thread.block_on(async {
        let full = vec![7; BUFFER_BYTES];
        let mut draft = files.draft();
        draft.write(&full).await.unwrap();
        // The disk thread is busy, so the next write cannot be over before it is given up.
        let (free, busy) = std::sync::mpsc::channel::<()>();
        let work = tokio::task::spawn_blocking(move || busy.recv());
        let mut write = Box::pin(draft.write(&full));
        assert!(futures_util::poll!(&mut write).is_pending());
        drop(write);
        drop(free);
        assert!(work.await.unwrap().is_err());
        assert!(draft.written().await.is_err(), "half a file is never kept");
        assert!(draft.keep().await.is_err());
        // Once the disk thread has come to something later, it is through with the abandoned write.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
    });
    assert_eq!(drafts_on_disk(dir.path()), 0);
    assert_eq!(files.list().unwrap(), []);
}

#[tokio::test]
async fn an_error_of_the_disk_is_told_with_its_kind_and_path() {
    let (dir, files) = house();
    fs::remove_dir(dir.path().join("files/tmp")).unwrap();
    let mut draft = files.draft();
    let error = draft.write(&vec![7; BUFFER_BYTES]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().contains("files/tmp/"), "{error}");
    assert!(draft.keep().await.is_err());
}

#[tokio::test]
async fn opening_again_clears_drafts_and_keeps_files() {
    let (dir, files) = house();
    let hash = kept(&files, b"abc").await;
    fs::write(dir.path().join("files/tmp/0"), b"left by a power cut").unwrap();
    let files = Files::open(dir.path()).unwrap();
    assert_eq!(drafts_on_disk(dir.path()), 0);
    assert_eq!(contents(&files, &hash).await, b"abc");
    assert_eq!(kept(&files, b"left").await, kept(&files, b"left").await);
}

#[tokio::test]
async fn files_are_listed_and_removed() {
    let (dir, files) = house();
    let (abc, empty) = (kept(&files, b"abc").await, kept(&files, b"").await);
    fs::write(dir.path().join("files/ba/notes.txt"), b"not ours").unwrap();
    let listed: Vec<_> = files.list().unwrap().into_iter().map(|file| (file.hash, file.bytes)).collect();
    assert_eq!(listed, [(abc, 3), (empty, 0)]);
    assert!(files.list().unwrap()[0].kept_at.elapsed().unwrap() < Duration::from_secs(600));
    files.remove(&abc).unwrap();
    files.remove(&abc).unwrap();
    assert_eq!(files.read(&abc).await.unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(files.list().unwrap().len(), 1);
}

#[test]
fn the_room_left_is_measured() {
    let dir = tempfile::tempdir().unwrap();
    let room = room(dir.path()).unwrap();
    assert!(0 < room.free_bytes && room.free_bytes <= room.total_bytes);
    assert_eq!(super::room(&dir.path().join("nowhere")).unwrap_err().kind(), io::ErrorKind::NotFound);
}
