//! Snapshots inside the directory: `snapshots/<UTC time>-<journal number>.snap`, each a whole [`dump`].
//!
//! They are what a plain copy of a running directory starts from when the live file in the copy is torn, and each one
//! looked at every row's checksum while it was taken.

use super::files::{self, room};
use super::steady::Steady;
use super::{Snapshot, dump};
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const DIR: &str = "snapshots";
/// How a snapshot is called until it is whole.
const DRAFT: &str = ".draft";
const HOURLY_MAX: usize = 24;
const DAILY_MAX: usize = 14;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// What is left free on the disk whatever is taken: the agency's own writes come first.
const FREE_BYTES_MIN: u64 = 256 << 20;
/// Of what is free and what snapshots hold already, they may hold this part: one in …
const SHARE: u64 = 5;
const STAMP: &str = "%Y%m%dT%H%M%S%.3fZ";

/// A snapshot that lies in the directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shot {
    /// When it was taken, in milliseconds since 1970 UTC.
    pub at: i64,
    /// The number of the journal's last event in it.
    pub reached: u64,
    /// Rows in it whose checksum does not fit.
    pub damaged: u64,
    /// The size of its file.
    pub bytes: u64,
}

impl Shot {
    /// Its file's name.
    pub fn name(&self) -> String {
        let when = jiff::Timestamp::from_millisecond(self.at).unwrap_or_default().strftime(STAMP);
        let damaged = if self.damaged > 0 { format!("-damaged{}", self.damaged) } else { String::new() };
        format!("{when}-{}{damaged}.snap", self.reached)
    }

    fn of(name: &str, bytes: u64) -> Option<Self> {
        let mut parts = name.strip_suffix(".snap")?.split('-');
        let when = jiff::fmt::strtime::parse(STAMP.trim_end_matches('Z'), parts.next()?.strip_suffix('Z')?).ok()?;
        let at = when.to_datetime().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_millisecond();
        let reached = parts.next()?.parse().ok()?;
        let damaged = match parts.next() {
            Some(damaged) => damaged.strip_prefix("damaged")?.parse().ok()?,
            None => 0,
        };
        let shot = Self { at, reached, damaged, bytes };
        (shot.name() == name).then_some(shot)
    }

    /// Where it lies, in this data directory.
    pub fn path(&self, dir: &Path) -> PathBuf {
        home(dir).join(self.name())
    }

    /// Finds it, after its seal was seen to fit.
    ///
    /// # Errors
    /// `InvalidData` where it is damaged; else whatever the disk says.
    pub fn sound(&self, dir: &Path) -> io::Result<Sound> {
        let path = self.path(dir);
        let bytes = fs::metadata(&path)?.len();
        let sha256 = dump::verify(&mut io::BufReader::with_capacity(1 << 20, File::open(&path)?), bytes)?;
        Ok(Sound { path, bytes, sha256 })
    }
}

/// A snapshot whose seal was seen to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    /// Its file.
    pub path: PathBuf,
    /// The size of its file.
    pub bytes: u64,
    /// The SHA-256 of all of its file.
    pub sha256: [u8; 32],
}

/// Where snapshots lie.
pub fn home(dir: &Path) -> PathBuf {
    dir.join(DIR)
}

/// All snapshots of a data directory, the newest first; none where there is no such place.
///
/// # Errors
/// Whatever the disk says.
pub fn list(dir: &Path) -> io::Result<Vec<Shot>> {
    let entries = match fs::read_dir(home(dir)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        // One that was thinned out meanwhile is none.
        let Ok(metadata) = entry.metadata() else { continue };
        found.extend(entry.file_name().to_str().and_then(|name| Shot::of(name, metadata.len())));
    }
    found.sort_unstable_by_key(|shot| std::cmp::Reverse((shot.at, shot.reached)));
    Ok(found)
}

/// The newest snapshot whose seal fits; one that read no damaged row goes first only against one of the same hour.
///
/// # Errors
/// Whatever the disk says; a damaged snapshot is passed over.
pub fn newest_good(dir: &Path) -> io::Result<Option<Shot>> {
    Ok(list(dir)?.into_iter().find(|shot| shot.sound(dir).is_ok()))
}

/// Removes what an interrupted process left half-written.
///
/// # Errors
/// Whatever the disk says.
pub fn clear(dir: &Path) -> io::Result<()> {
    files::make_dir(&home(dir))?;
    for entry in fs::read_dir(home(dir))? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(DRAFT) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// How much of a processor a snapshot may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pace {
    /// Half of one: nobody waits for it.
    Gentle,
    /// All of one: somebody does.
    Quick,
}

/// Takes a snapshot, then thins out the older ones.
///
/// # Errors
/// `StorageFull` before the disk is; else whatever the disk says. Nothing is left of it then.
pub fn take(dir: &Path, look: &Snapshot, at: i64, pace: Pace) -> io::Result<Shot> {
    clear(dir)?;
    none_ahead(dir, at)?;
    let older = list(dir)?;
    let needed = older.first().map_or(0, |shot| shot.bytes + shot.bytes / 4);
    if room(dir)?.free_bytes < needed + FREE_BYTES_MIN {
        return Err(io::Error::new(io::ErrorKind::StorageFull, "there is little room left on the disk"));
    }
    let draft = home(dir).join(format!("{at}{DRAFT}"));
    let taken = write_draft(&draft, look, at, pace);
    let shot = taken.and_then(|shot| {
        fs::rename(&draft, shot.path(dir))?;
        files::sync_dir(&home(dir))?;
        Ok(shot)
    });
    if shot.is_err() {
        // The first error is what counts; the next start clears what is left.
        let _ = fs::remove_file(&draft);
    }
    let shot = shot?;
    thin_out(dir, at)?;
    Ok(shot)
}

/// Gives snapshots from the future, as a wrong clock makes them, the names of this moment, in their order: the next must
/// be newer than they, and they must not take its place for as long as the clock was wrong.
fn none_ahead(dir: &Path, now: i64) -> io::Result<()> {
    let ahead = list(dir)?.into_iter().filter(|shot| shot.at > now);
    for (shot, at) in ahead.zip((0..now).rev()) {
        fs::rename(shot.path(dir), Shot { at, ..shot }.path(dir))?;
    }
    Ok(())
}

fn write_draft(draft: &Path, look: &Snapshot, at: i64, pace: Pace) -> io::Result<Shot> {
    let reached = look.reached().map_err(io::Error::other)?;
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(draft)?;
    let (mut rows, mut began) = (0, Instant::now());
    // Two threads work, reading and packing: both rest while one of them has rested thrice as long as it worked.
    let mut breathe = |bytes: u64| {
        rows += bytes + 64;
        if pace == Pace::Gentle && rows > 1 << 20 {
            std::thread::sleep((3 * began.elapsed()).min(Duration::from_millis(100)));
            (rows, began) = (0, Instant::now());
        }
    };
    let (out, tally) = dump::write(look, at, BufWriter::with_capacity(1 << 18, Steady::new(file)), &mut breathe)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?.finish()?;
    Ok(Shot { at, reached, damaged: tally.damaged, bytes: file.metadata()?.len() })
}

fn thin_out(dir: &Path, now: i64) -> io::Result<()> {
    let shots = list(dir)?;
    let held: u64 = shots.iter().map(|shot| shot.bytes).sum();
    let most = (room(dir)?.free_bytes + held) / SHARE;
    for shot in superfluous(&shots, now, most) {
        match fs::remove_file(shot.path(dir)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Which of these snapshots (the newest first) are no longer kept: beyond the last of each of the 24 newest hours and
/// 14 newest days that have one, and the oldest while all together have more than `bytes_max`. The newest, and the
/// newest without damage, are always kept. One from the future, as a wrong clock makes them, counts as of now.
fn superfluous(shots: &[Shot], now: i64, bytes_max: u64) -> Vec<&Shot> {
    let whole = shots.iter().position(|shot| shot.damaged == 0);
    let (mut hours, mut days) = (BTreeSet::new(), BTreeSet::new());
    let mut held = 0;
    let mut gone = Vec::new();
    for (n, shot) in shots.iter().enumerate() {
        let at = shot.at.min(now);
        let of_hour = hours.len() < HOURLY_MAX && hours.insert(at.div_euclid(HOUR_MS));
        let of_day = days.len() < DAILY_MAX && days.insert(at.div_euclid(DAY_MS));
        let fits = held + shot.bytes <= bytes_max;
        if n == 0 || whole == Some(n) || fits && (of_hour || of_day) {
            held += shot.bytes;
        } else {
            gone.push(shot);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shots(ages_min: impl IntoIterator<Item = i64>) -> Vec<Shot> {
        let now = 1_800_000_000_000 / DAY_MS * DAY_MS + DAY_MS - 1;
        ages_min.into_iter().map(|age| Shot { at: now - age * 60_000, reached: 7, damaged: 0, bytes: 10 }).collect()
    }

    fn kept(shots: &[Shot], bytes_max: u64) -> usize {
        shots.len() - superfluous(shots, shots[0].at, bytes_max).len()
    }

    #[test]
    fn r9_twenty_four_hours_and_fourteen_days_are_kept() {
        for (what, ages, expected) in [
            ("one", vec![0], 1),
            ("five within an hour: the last", (0..5).collect(), 1),
            ("a day of hours: the first of them is also the day's", (0..24).map(|n| n * 60).collect(), 24),
            ("two days of hours: 24 and yesterday's last", (0..48).map(|n| n * 60).collect(), 25),
            ("a month of hours: 24 and the last of 13 more days", (0..720).map(|n| n * 60).collect(), 24 + 13),
            ("a month of days: each is an hour's last, too", (0..30).map(|n| n * 1_440).collect(), 24),
        ] {
            assert_eq!(kept(&shots(ages), u64::MAX), expected, "{what}");
        }
    }

    #[test]
    fn r9_a_full_disk_leaves_the_newest_and_the_newest_good() {
        let mut all = shots((0..10).map(|n| n * 60));
        assert_eq!(kept(&all, 45), 4, "the oldest go first");
        assert_eq!(kept(&all, 0), 1, "the newest stays whatever happens");
        all[0].damaged = 3;
        all[1].damaged = 1;
        let gone = superfluous(&all, all[0].at, 0);
        assert!(!gone.contains(&&all[0]) && !gone.contains(&&all[2]) && gone.len() == 8, "{gone:?}");
    }

    #[test]
    fn a_clock_that_was_ahead_hides_no_snapshot() {
        let all = shots([-100_000, -50_000, 0, 60]);
        let gone = superfluous(&all, all[2].at, u64::MAX);
        assert!(!gone.contains(&&all[3]), "{gone:?}");
    }

    #[test]
    fn f34_snapshots_of_a_clock_that_was_ahead_come_before_the_next_one() {
        let dir = tempfile::tempdir().unwrap();
        clear(dir.path()).unwrap();
        let now = 1_763_773_323_045;
        let shot = |at, reached| Shot { at, reached, damaged: 0, bytes: 0 };
        for one in [shot(now - 5, 3), shot(now + 7_000, 4), shot(now + HOUR_MS * 9_000, 5)] {
            fs::write(one.path(dir.path()), "").unwrap();
        }
        none_ahead(dir.path(), now).unwrap();
        assert_eq!(list(dir.path()).unwrap(), [shot(now - 1, 5), shot(now - 2, 4), shot(now - 5, 3)]);
    }

    #[test]
    fn a_name_says_when_and_how_far_and_nothing_else_is_a_snapshot() {
        let shot = Shot { at: 1_763_773_323_045, reached: 12_345, damaged: 0, bytes: 9 };
        assert_eq!(shot.name(), "20251122T010203.045Z-12345.snap");
        assert_eq!(Shot::of(&shot.name(), 9), Some(shot.clone()));
        let hurt = Shot { damaged: 2, ..shot };
        assert_eq!(Shot::of(&hurt.name(), 9), Some(hurt));
        for odd in [
            "x.snap",
            "20251122T010203.045Z-1.snap.draft",
            "20251122T010203Z-1.snap",
            "20251122T010203.045Z-01.snap",
            "",
        ] {
            assert_eq!(Shot::of(odd, 9), None, "{odd}");
        }
    }
}
