//! What stands in the braces of a script.

use super::clock::Clock;
use super::{Context, Who};
use crate::demo::cast::Staff;
use crate::demo::rng::Rng;
use crate::words::dates::PT_MONTHS;
use jiff::civil::{Date, DateTime, Weekday};

const DOORKEEPERS: &[&str] = &["o Ademir", "a Rosa", "o Wesley", "a Cida", "o Raimundo"];
const HANDYMEN: &[&str] = &["o Jairo", "o Elias", "o Nilton", "o Cláudio"];
const BANKS: &[(&str, &str)] =
    &[("a", "Caixa"), ("o", "Itaú"), ("o", "Bradesco"), ("o", "Santander"), ("o", "Banco do Brasil"), ("o", "Sicoob")];

/// What stays the same through a conversation. Money in whole reais.
#[derive(Debug)]
pub(super) struct Facts {
    doorkeeper: &'static str,
    handyman: &'static str,
    bank: (&'static str, &'static str),
    flat: u32,
    due_day: u32,
    repair: u64,
    price: u64,
    fees: u64,
    tax: u64,
    offer: u64,
    middle: u64,
}

impl Facts {
    /// Figures that fit the deal.
    pub fn new(rng: &mut Rng, context: &Context<'_>) -> Self {
        let price = context.about.amount_cents / 100;
        let sale = context.about.kind == "sale";
        let (fees, tax, step) = if sale {
            ((price / 1_100).clamp(320, 1_900), price * 3 / 1_000, 5_000)
        } else {
            ((price / 4).clamp(220, 1_200), (price * 9 / 10).clamp(600, 3_600), 10)
        };
        let part = |percent: u32| round(price * u64::from(percent) / 100, step);
        let offered = rng.range(90, 94);
        Self {
            doorkeeper: *rng.pick(DOORKEEPERS),
            handyman: *rng.pick(HANDYMEN),
            bank: *rng.pick(BANKS),
            flat: rng.range(3, 16) * 100 + rng.range(1, 4),
            due_day: *rng.pick(&[5, 8, 10, 15]),
            repair: u64::from(rng.range(18, 65)) * 10,
            price,
            fees: round(fees + u64::from(rng.range(0, 60)), 10),
            tax: round(tax, 10),
            offer: part(offered),
            middle: part(rng.range(96, 98)),
        }
    }

    /// The text with every slot filled; an unknown slot stays as it is, for the test to find.
    pub fn fill(&self, rng: &mut Rng, context: &Context<'_>, clock: &mut Clock, who: Who, raw: &str) -> String {
        let mut text = String::with_capacity(raw.len() + 40);
        let mut rest = raw;
        while let Some((before, name, after)) = next_slot(rest) {
            text.push_str(before);
            let small = lower(name);
            let value = (self.money(&small))
                .or_else(|| self.thing(&small))
                .or_else(|| person(context, who, &small))
                .or_else(|| property(context, &small))
                .or_else(|| time(rng, clock, &small));
            match value {
                Some(value) if small == name => text.push_str(&value),
                Some(value) => text.push_str(&capital(&value)),
                None => text.push_str(&format!("{{{name}}}")),
            }
            rest = after;
        }
        text.push_str(rest);
        text
    }

    fn money(&self, slot: &str) -> Option<String> {
        let price = self.price;
        let reais = match slot {
            "valor" => price,
            "oferta" => self.offer,
            "contra" => self.middle,
            "entrada" => round(price / 5, 1_000),
            "sinal" => round(price / 20, 1_000),
            "metade" => price / 2,
            "diaria" => price / 5,
            "seguro" => round(price / 10, 5),
            "multa" => price * 3 / 2,
            "repasse" => price * 9 / 10,
            // The year's IPCA that the scripts name, 4.26 %.
            "novo_aluguel" => price * 10_426 / 10_000,
            "condominio" => self.fees,
            "iptu" => self.tax,
            "parcela_iptu" => self.tax / 10,
            "boleto" => price + self.fees + self.tax / 10,
            "orcamento" => self.repair,
            _ => return None,
        };
        Some(money(reais))
    }

    fn thing(&self, slot: &str) -> Option<String> {
        let (article, bank) = self.bank;
        let to = if article == "a" { "à" } else { "ao" };
        Some(match slot {
            "banco" => bank.to_owned(),
            "o_banco" => format!("{article} {bank}"),
            "no_banco" => format!("n{article} {bank}"),
            "do_banco" => format!("d{article} {bank}"),
            "ao_banco" => format!("{to} {bank}"),
            "o_porteiro" => self.doorkeeper.to_owned(),
            "prestador" | "o_prestador" => self.handyman.to_owned(),
            "apto" => self.flat.to_string(),
            "venc" => self.due_day.to_string(),
            _ => return None,
        })
    }
}

fn person(context: &Context<'_>, who: Who, slot: &str) -> Option<String> {
    let contact = context.contact;
    let speaker_is_woman = if who == Who::Outside { contact.woman } else { context.staff.woman };
    let ending = |woman: bool| if woman { "a" } else { "o" };
    let with_article = |one: &Staff| format!("{} {}", ending(one.woman), first(one.name));
    Some(match slot {
        "cliente" => contact.called.to_owned(),
        "corretor" => first(context.staff.name).to_owned(),
        "o_corretor" => with_article(context.staff),
        "o_colega" => with_article(context.colleague),
        "seu" => if contact.woman { "dona" } else { "seu" }.to_owned(),
        "meu_conjuge" => if contact.woman { "meu marido" } else { "minha esposa" }.to_owned(),
        "x" => ending(contact.woman).to_owned(),
        "obrigado" => format!("obrigad{}", ending(speaker_is_woman)),
        _ => return None,
    })
}

fn property(context: &Context<'_>, slot: &str) -> Option<String> {
    let what = context.about.what;
    let noun = first(what);
    let a = if matches!(noun, "casa" | "sala" | "loja" | "kitnet" | "cobertura") { "a" } else { "o" };
    let town = matches!(context.about.district, "Caldas Novas" | "Pirenópolis");
    Some(match slot {
        "o_imovel" => format!("{a} {noun}"),
        "do_imovel" => format!("d{a} {noun}"),
        "no_imovel" => format!("n{a} {noun}"),
        "um_imovel" => format!("{} {what}", if a == "a" { "uma" } else { "um" }),
        "descr" => what.to_owned(),
        "a" => a.to_owned(),
        "ref" => context.about.reference.to_owned(),
        "no_bairro" => format!("{} {}", if town { "em" } else { "no" }, context.about.district),
        _ => return None,
    })
}

fn time(rng: &mut Rng, clock: &mut Clock, slot: &str) -> Option<String> {
    let now = clock.now();
    let month = |ahead: i8| PT_MONTHS[((now.month() - 1 + ahead) % 12) as usize].to_owned();
    Some(match slot {
        "saud" => greeting(now).to_owned(),
        "tchau" => goodbye(rng, now),
        "mes" => month(0),
        "mes_que_vem" => month(1),
        "data_hoje" => short_date(now.date()),
        "dia" => weekday(clock.appointment(rng).at.date()).1.to_owned(),
        "no_dia" | "do_dia" => {
            let (article, name) = weekday(clock.appointment(rng).at.date());
            format!("{}{article} {name}", &slot[..1])
        }
        "data" => short_date(clock.appointment(rng).at.date()),
        "hora" => spoken_hour(clock.appointment(rng).at),
        "hora2" => spoken_hour(clock.appointment(rng).later),
        _ => return None,
    })
}

/// By the hour: "bom dia" until noon, "boa tarde" until six, else "boa noite".
pub(super) fn greeting(at: DateTime) -> &'static str {
    match at.hour() {
        5..=11 => "bom dia",
        12..=17 => "boa tarde",
        _ => "boa noite",
    }
}

fn goodbye(rng: &mut Rng, at: DateTime) -> String {
    let weekend = matches!(at.weekday(), Weekday::Friday | Weekday::Saturday);
    match (rng.range(0, 3), greeting(at)) {
        _ if weekend && at.hour() >= 11 => "bom fim de semana".to_owned(),
        (0, _) => "até mais".to_owned(),
        (1, _) => "um abraço".to_owned(),
        (_, "bom dia") => "tenha um bom dia".to_owned(),
        (_, other) => format!("tenha uma {other}"),
    }
}

fn weekday(day: Date) -> (&'static str, &'static str) {
    match day.weekday() {
        Weekday::Monday => ("a", "segunda"),
        Weekday::Tuesday => ("a", "terça"),
        Weekday::Wednesday => ("a", "quarta"),
        Weekday::Thursday => ("a", "quinta"),
        Weekday::Friday => ("a", "sexta"),
        Weekday::Saturday => ("o", "sábado"),
        Weekday::Sunday => ("o", "domingo"),
    }
}

fn short_date(day: Date) -> String {
    format!("{:02}/{:02}", day.day(), day.month())
}

fn spoken_hour(at: DateTime) -> String {
    match at.minute() {
        0 => format!("{}h", at.hour()),
        minute => format!("{}h{minute:02}", at.hour()),
    }
}

/// Whole reais as people write them.
fn money(reais: u64) -> String {
    let digits = reais.to_string();
    let mut text = String::from("R$ ");
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

fn round(reais: u64, step: u64) -> u64 {
    (reais + step / 2) / step * step
}

fn first(name: &str) -> &str {
    name.split(' ').next().unwrap_or(name)
}

/// What stands before the next slot, its name, and what comes after.
fn next_slot(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

fn lower(name: &str) -> String {
    name.to_ascii_lowercase()
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
