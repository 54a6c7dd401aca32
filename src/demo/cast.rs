//! Aurora Imóveis, Goiânia: who works there, who calls, and what they are after.
//!
//! Everybody is invented. Mail addresses end in `exemplo.com(.br)`, mobile numbers begin with 90,
//! a block in which no subscriber is known to us, so that a demo never rings a stranger.

mod contacts;
mod deals;
#[cfg(test)]
mod tests;

use super::rng::Rng;

/// What a contact is to the agency: decides which talks fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Wants to buy, or has bought.
    Buyer,
    /// Sells through the agency.
    Owner,
    /// Wants to rent, or rents.
    Tenant,
    /// Lets through the agency.
    Landlord,
    /// Rents by the season.
    Guest,
    /// Values properties for sales and banks.
    Appraiser,
    /// A notary's office.
    Notary,
    /// A land registry office.
    Registry,
    /// A building's management.
    Condo,
    /// Fetches certificates and carries papers.
    Clerk,
    /// A construction company.
    Builder,
}

/// How somebody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Sentences with capitals, accents and full stops.
    Neat,
    /// In a hurry: no capital, no full stop.
    Quick,
    /// With the thumb: no accents, short forms.
    Thumb,
}

/// One of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Staff {
    /// Full name.
    pub name: &'static str,
    /// Address for the login.
    pub email: &'static str,
    /// `admin`, `manager`, `broker` or `receptionist`.
    pub role: &'static str,
    /// For the endings of words ("obrigada").
    pub woman: bool,
    /// Phone extension on an ordinary day.
    pub extension: &'static str,
}

/// Somebody outside: a person or a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Full name of the person or company.
    pub name: &'static str,
    /// How the desk addresses who writes: a first name, also at a company.
    pub called: &'static str,
    /// Whether that one is a woman, for the endings of words.
    pub woman: bool,
    /// What the contact is to the agency.
    pub part: Part,
    /// How the contact types.
    pub style: Style,
    /// One or two addresses, the main one first.
    pub emails: &'static [&'static str],
    /// One or two numbers as people write them, the main one first.
    pub phones: &'static [&'static str],
    /// One line for the contact's card.
    pub note: &'static str,
}

impl Contact {
    /// Whether it is a company or office, not a person.
    pub fn is_company(&self) -> bool {
        matches!(self.part, Part::Notary | Part::Registry | Part::Condo | Part::Clerk | Part::Builder)
    }
}

/// A potential deal with the property it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opportunity {
    /// `sale`, `letting` or `season`.
    pub kind: &'static str,
    /// "Apartamento 3 quartos, Setor Bueno".
    pub title: &'static str,
    /// The property in running text: "apartamento de 3 quartos".
    pub what: &'static str,
    /// District of Goiânia, or the town for a season.
    pub district: &'static str,
    /// The agency's own reference of the property.
    pub reference: &'static str,
    /// What the client seeks, one sentence.
    pub seeking: &'static str,
    /// The property as the showcase describes it.
    pub property: &'static str,
    /// Price (sale), monthly rent (letting) or price of the stay (season), in cents.
    pub amount_cents: u64,
    /// `high`, `normal` or `low`.
    pub priority: &'static str,
    /// 0 (Por tratar) to 6 (Fechamento).
    pub stage: u8,
    /// `open`, `won` or `lost`.
    pub outcome: &'static str,
    /// Index into [`Cast::contacts`].
    pub contact: usize,
    /// Index into [`Cast::staff`]; always a broker.
    pub broker: usize,
}

impl Opportunity {
    /// Whether the property lies in a building, with floors, a doorman and a condominium.
    pub fn in_building(&self) -> bool {
        let noun = self.what.split(' ').next().unwrap_or_default();
        !matches!(noun, "casa" | "sobrado" | "loja")
    }
}

/// Everybody and everything the demo starts from.
#[derive(Debug, Clone)]
pub struct Cast {
    /// Seven: admin, manager, four brokers, receptionist.
    pub staff: &'static [Staff],
    /// Fifty.
    pub contacts: &'static [Contact],
    /// Forty.
    pub opportunities: &'static [Opportunity],
}

/// The whole cast; costs nothing.
pub fn cast() -> Cast {
    Cast { staff: STAFF, contacts: contacts::CONTACTS, opportunities: deals::OPPORTUNITIES }
}

impl Cast {
    /// Who calls next: people most of the time, offices and companies (which have fewer matters) and seasonal
    /// guests less often.
    pub fn caller(&self, rng: &mut Rng) -> usize {
        loop {
            let index = rng.range(0, self.contacts.len() as u32 - 1) as usize;
            let one = &self.contacts[index];
            let passes = match one.part {
                Part::Appraiser | Part::Guest => 55,
                _ if one.is_company() => 40,
                _ => 100,
            };
            if rng.chance(passes) {
                return index;
            }
        }
    }

    /// A deal that this contact may write about: one of its own where it has any, else one of the same trade, in a
    /// building, which every talk fits.
    pub fn about(&self, rng: &mut Rng, contact: usize) -> usize {
        let part = self.contacts[contact].part;
        let kind = match part {
            Part::Tenant | Part::Landlord | Part::Condo => "letting",
            Part::Guest => "season",
            _ => "sale",
        };
        let those = |wanted: &dyn Fn(&Opportunity) -> bool| -> Vec<usize> {
            let all = self.opportunities.iter().enumerate();
            all.filter(|(_, deal)| wanted(deal)).map(|(index, _)| index).collect()
        };
        let own = those(&|deal| deal.contact == contact);
        let of_trade = those(&|deal| deal.kind == kind && deal.in_building());
        match part {
            _ if !own.is_empty() => *rng.pick(&own),
            // What somebody owns does not change from one talk to the next.
            Part::Owner | Part::Landlord => of_trade[contact % of_trade.len()],
            _ => *rng.pick(&of_trade),
        }
    }
}

/// Name of the agency.
pub const AGENCY: &str = "Aurora Imóveis";

/// What the agency says of itself, for the portal and the showcase.
pub const ABOUT: &str = "A Aurora Imóveis compra, vende e administra imóveis em Goiânia desde 1998. Somos uma \
    equipe pequena, que conhece cada prédio que anuncia: você fala sempre com a mesma pessoa, da primeira visita \
    à entrega das chaves. Atendemos de segunda a sexta, das 8h às 18h, e aos sábados, das 8h às 12h.";

/// Sent when a conversation is closed.
pub const CLOSING: &str = "Encerramos esta conversa por aqui. A Aurora Imóveis agradece o seu contato; \
    se precisar de mais alguma coisa, é só escrever que a gente continua.";

/// The queues: key and name.
pub const DEPARTMENTS: &[(&str, &str)] =
    &[("sales", "Vendas"), ("letting", "Locação"), ("finance", "Financeiro"), ("inspection", "Vistoria")];

/// Why somebody called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// Stable key, used by the scripts.
    pub key: &'static str,
    /// Name in Portuguese.
    pub name: &'static str,
}

const fn reason(key: &'static str, name: &'static str) -> Reason {
    Reason { key, name }
}

/// The ten reasons, in the order of the menu.
pub fn reasons() -> &'static [Reason] {
    const REASONS: &[Reason] = &[
        reason("visit", "Agendamento de visita"),
        reason("offer", "Proposta"),
        reason("papers", "Documentação"),
        reason("finance", "Financeiro"),
        reason("upkeep", "Manutenção"),
        reason("appraisal", "Avaliação"),
        reason("inspection", "Vistoria"),
        reason("contract", "Contrato"),
        reason("info", "Informações gerais"),
        reason("complaint", "Reclamação"),
    ];
    REASONS
}

/// Why somebody is out at noon.
pub const LUNCH: &str = "Almoço";
/// P5: why people are away.
pub const ABSENCES: &str = "Almoço\nVisita a imóvel\nCartório ou banco\nFim do expediente";

#[rustfmt::skip]
const STAFF: &[Staff] = &[
    Staff { name: "Renata Siqueira", email: "renata@aurora.exemplo.com.br", role: "admin", woman: true, extension: "201" },
    Staff { name: "Paulo Arantes", email: "paulo@aurora.exemplo.com.br", role: "manager", woman: false, extension: "202" },
    Staff { name: "Beatriz Lemos", email: "beatriz@aurora.exemplo.com.br", role: "broker", woman: true, extension: "204" },
    Staff { name: "Marcos Rezende", email: "marcos@aurora.exemplo.com.br", role: "broker", woman: false, extension: "205" },
    Staff { name: "Camila Tavares", email: "camila@aurora.exemplo.com.br", role: "broker", woman: true, extension: "206" },
    Staff { name: "Eduardo Pacheco", email: "eduardo@aurora.exemplo.com.br", role: "broker", woman: false, extension: "207" },
    Staff { name: "Luciana Barros", email: "luciana@aurora.exemplo.com.br", role: "receptionist", woman: true, extension: "200" },
];
