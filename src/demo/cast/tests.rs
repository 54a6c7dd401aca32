use super::*;
use std::collections::HashSet;

#[test]
fn the_house_is_full_and_every_role_is_there() {
    let cast = cast();
    assert_eq!((cast.staff.len(), cast.contacts.len(), cast.opportunities.len()), (7, 50, 40));
    for (role, count) in [("admin", 1), ("manager", 1), ("broker", 4), ("receptionist", 1)] {
        assert_eq!(cast.staff.iter().filter(|one| one.role == role).count(), count, "{role}");
    }
    assert_eq!(reasons().len(), 10);
    assert_eq!(DEPARTMENTS.len(), 4);
}

#[test]
fn nobody_shares_a_name_an_address_or_a_number() {
    let cast = cast();
    let mut seen = HashSet::new();
    for one in cast.staff {
        assert!(one.email.ends_with("@aurora.exemplo.com.br"), "{}", one.email);
        assert!(seen.insert(one.name) && seen.insert(one.email) && seen.insert(one.extension));
    }
    for one in cast.contacts {
        assert!((1..=2).contains(&one.emails.len()) && (1..=2).contains(&one.phones.len()));
        for email in one.emails {
            assert!(email.ends_with("exemplo.com.br") || email.ends_with("exemplo.com"), "{email}");
            assert!(email.is_ascii() && seen.insert(email), "{email}");
        }
        for phone in one.phones {
            let digits = phone.bytes().filter(u8::is_ascii_digit).count();
            let mobile = phone.starts_with("(62) 90") && digits == 11;
            assert!(mobile || (phone.starts_with("(62) 3") && digits == 10), "{phone}");
            assert!(seen.insert(phone), "{phone}");
        }
        assert!(seen.insert(one.name), "{}", one.name);
        assert!(one.is_company() || one.name.starts_with(one.called), "{}", one.name);
        assert!(one.note.ends_with('.') && !one.note.contains('\n'));
    }
}

#[test]
fn every_deal_points_at_a_broker_and_at_a_client_of_its_trade() {
    let cast = cast();
    let mut references = HashSet::new();
    for deal in cast.opportunities {
        let part = cast.contacts[deal.contact].part;
        let fits = match deal.kind {
            "sale" => part == Part::Buyer,
            "letting" => part == Part::Tenant,
            "season" => part == Part::Guest,
            other => panic!("unknown kind {other}"),
        };
        assert!(fits, "{}", deal.title);
        assert_eq!(cast.staff[deal.broker].role, "broker", "{}", deal.title);
        assert!(references.insert(deal.reference), "{}", deal.reference);
        assert!(deal.stage <= 6 && ["high", "normal", "low"].contains(&deal.priority));
        assert!(["open", "won", "lost"].contains(&deal.outcome));
        assert!(deal.seeking.starts_with("Procura ") && deal.amount_cents > 0);
    }
    for outcome in ["open", "won", "lost"] {
        assert!(cast.opportunities.iter().any(|deal| deal.outcome == outcome));
    }
}

#[test]
fn a_contact_writes_about_its_own_deal_or_one_of_its_trade() {
    let (cast, mut rng) = (cast(), Rng::new(3));
    for contact in 0..cast.contacts.len() {
        let deal = &cast.opportunities[cast.about(&mut rng, contact)];
        match cast.contacts[contact].part {
            Part::Buyer | Part::Tenant | Part::Guest => assert_eq!(deal.contact, contact),
            Part::Landlord | Part::Condo => assert_eq!(deal.kind, "letting"),
            _ => assert_eq!(deal.kind, "sale"),
        }
    }
}
