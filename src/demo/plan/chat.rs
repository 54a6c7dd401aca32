//! One conversation, act by act: who begins it, who takes it, who closes it, and what is said in between.

use super::stories::{Ending, Said, Story};
use super::{Act, Deed, hours};
use crate::demo::cast::{Cast, Contact, Part};
use crate::demo::rng::Rng;
use crate::demo::script::Who;
use jiff::ToSpan;
use jiff::civil::DateTime;

/// What the desk writes first to whom it lets in.
const WELCOMES: &[&str] = &[
    "Este é o seu canal direto com a Aurora Imóveis. Pode escrever por aqui quando quiser; tudo fica guardado na conversa.",
    "Abri esta conversa para não perdermos nada de vista: mensagens e documentos ficam todos aqui.",
    "Por aqui a gente conversa com calma e troca os documentos com segurança. Fico à disposição.",
    "Criei este acesso para falarmos por aqui. Quando precisar mandar um documento, é só anexar.",
    "A partir de agora pode falar comigo por este canal, e o que for combinado fica por escrito.",
];
/// What is noted when a broker hands a conversation on.
const HANDED_ON: &[&str] = &[
    "Entro de férias na segunda. Combinei com o cliente que o atendimento continua com outra pessoa da equipe.",
    "Estou fora da cidade esta semana, passo para quem está mais perto do imóvel.",
    "Passo adiante: daqui para a frente é só acompanhar os papéis.",
    "Atendimento transferido a pedido da Renata, para equilibrar a agenda.",
];

/// Adds a story's acts to the year.
pub(super) fn lay_out(rng: &mut Rng, cast: &Cast, index: usize, story: &Story, moments: &mut Vec<(DateTime, Deed)>) {
    let mut telling = Telling {
        rng,
        cast,
        index,
        story,
        moments,
        last: story.begun.saturating_sub(1.second()),
        entered: false,
        waiting: false,
        holder: story.staff,
    };
    if story.portal {
        telling.portal()
    } else {
        telling.counter()
    }
    telling.ending();
}

struct Telling<'a> {
    rng: &'a mut Rng,
    cast: &'a Cast,
    index: usize,
    story: &'a Story,
    moments: &'a mut Vec<(DateTime, Deed)>,
    last: DateTime,
    entered: bool,
    /// It is in the queue.
    waiting: bool,
    /// Whose it is, or will be.
    holder: usize,
}

impl Telling<'_> {
    /// At this moment, or as soon as what was before it is over.
    fn put(&mut self, at: DateTime, act: Act) {
        self.last = at.max(self.last.saturating_add(1.second()));
        self.moments.push((self.last, Deed::In(self.index, act)));
    }

    fn portal(&mut self) {
        let story = self.story;
        let mut lines = story.lines.as_slice();
        let first = lines.first().filter(|line| line.who == Who::Staff);
        let (text, file) = first.map_or_else(|| (self.welcome(), None), |line| (line.text.clone(), line.file));
        if first.is_some() {
            lines = &lines[1..];
        }
        self.put(story.begun, Act::Invite { by: story.staff, text, file });
        for (place, line) in lines.iter().enumerate() {
            self.portal_line(line);
            if let Some(next) = lines.get(place + 1)
                && place >= 5
            {
                self.close_between(line, next);
            }
        }
    }

    fn portal_line(&mut self, line: &Said) {
        if line.who == Who::Outside {
            if !self.entered {
                self.put(line.at.saturating_sub(40.seconds()), Act::Enter);
                self.entered = true;
            }
            return self.put(line.at, Act::Say { text: line.text.clone(), file: line.file });
        }
        if std::mem::take(&mut self.waiting) {
            self.put(line.at.saturating_sub(20.seconds()), Act::Take { by: self.holder });
        }
        self.write(line);
    }

    /// Where days pass before the outsider writes again, the conversation was closed meanwhile, now and then.
    fn close_between(&mut self, line: &Said, next: &Said) {
        let gap = line.at.duration_until(next.at).as_hours();
        if gap < 20 || next.who != Who::Outside || self.waiting || !self.rng.chance(35) {
            return;
        }
        let minutes = self.rng.range(20, 70);
        let at = hours::after(self.rng, line.at.saturating_add(i64::from(minutes).minutes()));
        if at.saturating_add(10.minutes()) < next.at {
            self.put(at, Act::Read { by: self.holder });
            self.put(at, Act::Close { by: self.holder });
            self.waiting = true;
        }
    }

    /// Staff at the counter write down both sides.
    fn counter(&mut self) {
        let story = self.story;
        let (desk, hands_over) = self.beginner();
        let on_deal = desk != story.colleague && self.rng.chance(50);
        let queued = hands_over && desk != story.colleague && self.rng.chance(60);
        self.put(story.begun, Act::Begin { by: desk, queued, on_deal });
        (self.holder, self.waiting) = (desk, hands_over);
        let voice = voice(&self.cast.contacts[story.chat.contact]);
        for line in &story.lines {
            if line.who == Who::Staff {
                self.hand_over(line.at.saturating_sub(25.seconds()), queued);
            }
            match line.who {
                Who::Outside => {
                    let text = format!("{voice}: {}", spoken(&line.text));
                    self.put(line.at, Act::Write { by: self.holder, note: true, text, file: line.file });
                }
                Who::Staff | Who::Note => self.write(line),
            }
        }
        let at = self.last.saturating_add(30.seconds());
        self.hand_over(at, queued);
    }

    /// Who writes down the first words at the counter, and whether somebody else goes on.
    fn beginner(&mut self) -> (usize, bool) {
        let desk = self.cast.staff.iter().position(|one| one.role == "receptionist").unwrap_or(self.story.staff);
        match self.rng.range(0, 99) {
            0..=44 => (desk, desk != self.story.staff),
            45..=54 => (self.story.colleague, true),
            _ => (self.story.staff, false),
        }
    }

    fn hand_over(&mut self, at: DateTime, queued: bool) {
        if !std::mem::take(&mut self.waiting) {
            return;
        }
        let (by, to) = (self.holder, self.story.staff);
        self.put(at, if queued { Act::Take { by: to } } else { Act::Transfer { by, to } });
        self.holder = to;
    }

    fn write(&mut self, line: &Said) {
        let note = line.who == Who::Note;
        self.put(line.at, Act::Write { by: self.holder, note, text: line.text.clone(), file: line.file });
    }

    fn ending(&mut self) {
        let soon = self.last.saturating_add(30.seconds());
        if self.story.portal && std::mem::take(&mut self.waiting) {
            self.put(soon, Act::Take { by: self.holder });
        }
        match &self.story.ending {
            Ending::Open { unread: true } => self.read_what_was_answered(),
            Ending::Open { unread: false } => self.put(self.last, Act::Read { by: self.holder }),
            Ending::Closed { at } => return self.close(*at),
            Ending::Queued { closed, again } => {
                self.close(*closed);
                for line in again {
                    self.portal_line(line);
                }
                return;
            }
        }
        if self.entered && self.rng.chance(85) {
            self.put(self.last, Act::ReadOutside);
        }
    }

    fn close(&mut self, at: DateTime) {
        self.put(self.last, Act::Read { by: self.holder });
        if self.rng.chance(8) && self.holder != self.story.colleague {
            let (by, to) = (self.holder, self.story.colleague);
            let text = (*self.rng.pick(HANDED_ON)).to_owned();
            let soon = hours::after(self.rng, self.last.saturating_add(6.minutes())).min(at);
            self.put(soon, Act::Write { by, note: true, text, file: None });
            self.put(soon, Act::Transfer { by, to });
            self.holder = to;
        }
        self.put(at, Act::Close { by: self.holder });
        if self.entered && self.rng.chance(85) {
            self.put(self.last, Act::ReadOutside);
        }
    }

    /// Everything up to one's own last words was read; what came after them is waiting.
    fn read_what_was_answered(&mut self) {
        let own = |(_, deed): &(DateTime, Deed)| match deed {
            Deed::In(index, Act::Write { .. } | Act::Invite { .. } | Act::Take { .. }) => *index == self.index,
            _ => false,
        };
        if let Some(place) = self.moments.iter().rposition(own) {
            let (at, by) = (self.moments[place].0, self.holder);
            self.moments.insert(place + 1, (at, Deed::In(self.index, Act::Read { by })));
        }
    }

    fn welcome(&mut self) -> String {
        let called = self.cast.contacts[self.story.chat.contact].called;
        format!("Olá, {called}! {}", self.rng.pick(WELCOMES))
    }
}

/// As whose words a line from outside is written down.
fn voice(contact: &Contact) -> &str {
    match contact.part {
        Part::Appraiser => contact.called,
        _ if contact.is_company() => contact.called,
        _ => "Cliente",
    }
}

/// A line from outside as somebody hears it: without little pictures.
fn spoken(text: &str) -> String {
    let heard: String = text.chars().filter(|letter| *letter < '\u{2190}').collect();
    match heard.trim() {
        "" => "Combinado".to_owned(),
        heard => heard.to_owned(),
    }
}
