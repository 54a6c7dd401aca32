//! Files that are written while they are sent: a slow browser slows the writing, and does not fill the memory.

use poem::Body;
use std::io::{self, BufWriter, Write};
use tokio::sync::mpsc;

/// Bytes of a piece.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that wait for a slow browser at most.
const PIECES: usize = 4;

/// A body that this writes, away from the threads that serve. An error cuts the connection, so that the browser does not
/// take a part for the whole.
pub fn body(write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static) -> Body {
    let (pieces, body) = mpsc::channel::<io::Result<Vec<u8>>>(PIECES);
    tokio::task::spawn_blocking(move || {
        let mut out = BufWriter::with_capacity(PIECE_BYTES, Pieces(pieces.clone()));
        if let Err(error) = write(&mut out).and_then(|()| out.flush()) {
            tracing::warn!(%error, "a file was not handed out as a whole");
            // Whoever left hears nothing.
            let _ = pieces.blocking_send(Err(error));
        }
    });
    let pieces = futures_util::stream::unfold(body, async |mut body| body.recv().await.map(|piece| (piece, body)));
    Body::from_bytes_stream(Box::pin(pieces))
}

/// A writer whose bytes go to a browser.
struct Pieces(mpsc::Sender<io::Result<Vec<u8>>>);

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the browser left");
        self.0.blocking_send(Ok(bytes.to_vec())).map_err(gone)?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
