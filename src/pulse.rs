//! What is true only while somebody is connected: who is typing where. Memory only; losing it loses nothing.

use crate::domain::Viewer;
use crate::domain::ids::ConversationId;
use tokio::sync::broadcast;

/// Signs of life that a slow listener may miss.
const KEPT: usize = 256;

/// Somebody is typing.
#[derive(Clone, Debug)]
pub struct Typing {
    /// Where.
    pub conversation: ConversationId,
    /// Who.
    pub who: Viewer,
    /// Whether it is an internal note, which the outside must not see being written.
    pub internal: bool,
}

/// Spreads signs of life to all open screens.
pub struct Pulse(broadcast::Sender<Typing>);

impl Default for Pulse {
    fn default() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

impl Pulse {
    /// Tells the open screens; nobody listening is fine.
    pub fn typing(&self, sign: Typing) {
        let _ = self.0.send(sign);
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Typing> {
        self.0.subscribe()
    }
}
