//! A pair in files of somebody else's care (certbot, a company's own authority): read at the start, and again whenever
//! they change.

use super::front::Front;
use super::pair::{Broken, Pair};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// How often the files are looked at. They are small and are compared whole: no clock or link can hide a change.
const EVERY: Duration = Duration::from_secs(2);

/// Where a listener's certificate chain and key lie, both in PEM.
#[derive(Clone, Debug)]
pub struct Files {
    /// The certificate, followed by those that lead to its authority.
    pub chain: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// What the files said.
type Texts = (String, String);

impl Files {
    fn texts(&self) -> Result<Texts, Broken> {
        let text = |path: &PathBuf| {
            std::fs::read_to_string(path).map_err(|why| Broken::Unreadable(format!("{}: {why}", path.display())))
        };
        Ok((text(&self.chain)?, text(&self.key)?))
    }

    /// Shows what the files hold; gives it for [`follow`].
    pub(super) fn show(&self, front: &Front) -> Result<Texts, Broken> {
        let texts = self.texts()?;
        front.show(Pair::read(&texts.0, &texts.1)?, true, None);
        Ok(texts)
    }
}

/// Shows the files' pair whenever they change. A pair that is broken, or written by half, is logged once and the one
/// before goes on being served.
pub(super) async fn follow(files: Files, front: Arc<Front>, shown: Texts) {
    let mut seen = Ok(shown);
    let mut beat = tokio::time::interval(EVERY);
    loop {
        beat.tick().await;
        let reading = files.clone();
        let Ok(found) = tokio::task::spawn_blocking(move || reading.texts()).await else { continue };
        if found == seen {
            continue;
        }
        let pair = found.as_ref().map_err(Broken::clone).and_then(|(chain, key)| Pair::read(chain, key));
        match pair {
            Ok(pair) => {
                front.show(pair, true, None);
                tracing::info!(certificate = %files.chain.display(), "a new certificate is served");
            }
            Err(why) => {
                tracing::error!(certificate = %files.chain.display(), "{why}; the one before goes on being served");
            }
        }
        seen = found;
    }
}
