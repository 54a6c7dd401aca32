use super::*;
use jiff::civil::date;
use std::collections::{HashMap, HashSet};

/// An afternoon, a Sunday night, a Monday before opening, New Year's Eve at midnight, a leap day.
fn moments_to_start_at() -> [DateTime; 5] {
    [
        date(2026, 5, 13).at(15, 20, 11, 0),
        date(2026, 3, 1).at(3, 4, 0, 0),
        date(2026, 7, 6).at(7, 30, 0, 0),
        date(2025, 12, 31).at(0, 0, 0, 0),
        date(2028, 2, 29).at(18, 9, 59, 0),
    ]
}

/// The acts of each conversation, in order.
fn by_chat(plan: &Plan) -> HashMap<usize, Vec<(DateTime, &Act)>> {
    let mut acts = HashMap::<usize, Vec<_>>::new();
    for (at, deed) in &plan.moments {
        if let Deed::In(chat, act) = deed {
            acts.entry(*chat).or_default().push((*at, act));
        }
    }
    acts
}

/// How a conversation stands after these acts.
fn state(acts: &[(DateTime, &Act)]) -> &'static str {
    acts.iter().fold("open", |state, (_, act)| match act {
        Act::Close { .. } => "closed",
        Act::Say { .. } if state == "closed" => "queued",
        Act::Begin { queued: true, .. } => "queued",
        Act::Take { .. } | Act::Transfer { .. } => "open",
        _ => state,
    })
}

#[test]
fn whenever_it_is_started_the_year_is_full_and_over() {
    for now in moments_to_start_at() {
        let plan = year(now);
        assert_eq!(plan.chats.len(), CONVERSATIONS, "{now}");
        let acts = by_chat(&plan);
        assert_eq!(acts.len(), CONVERSATIONS, "{now}");
        let invited = |acts: &Vec<(DateTime, &Act)>| matches!(acts[0].1, Act::Invite { .. });
        let portal = acts.values().filter(|acts| invited(acts)).count();
        assert!((235..=260).contains(&portal), "{now}: {portal} through the portal");
        let begun = acts.values().filter(|acts| matches!(acts[0].1, Act::Invite { .. } | Act::Begin { .. })).count();
        assert_eq!(begun, CONVERSATIONS, "{now}");
        assert!(plan.moments.is_sorted_by_key(|(at, _)| *at));
        let last = plan.moments.last().expect("not empty").0;
        assert!(last <= now && last.duration_until(now).as_hours() < 12, "{now}: {last}");
        assert!(plan.moments[0].0 >= plan.first && plan.first.duration_until(plan.moments[0].0).as_hours() < 100);
        let count = |wanted: fn(&Deed) -> bool| plan.moments.iter().filter(|(_, deed)| wanted(deed)).count();
        assert_eq!(count(|deed| matches!(deed, Deed::Contact(_))), 50);
        assert_eq!(count(|deed| matches!(deed, Deed::Deal(_))), 40);
    }
}

#[test]
fn in_a_conversation_time_goes_on_and_the_desk_keeps_its_hours() {
    for now in moments_to_start_at() {
        let plan = year(now);
        for (chat, acts) in by_chat(&plan) {
            let mut last = None;
            for (at, act) in &acts {
                let reads = matches!(act, Act::Read { .. } | Act::ReadOutside);
                assert!(last.is_none_or(|last| last < *at || (reads && last == *at)), "{chat} {at} {act:?}");
                last = Some(*at);
                if matches!(act, Act::Write { .. } | Act::Close { .. } | Act::Invite { .. } | Act::Begin { .. }) {
                    // Seconds of one full minute may reach into the next.
                    assert!(hours::open(at.saturating_sub(2.minutes())) || hours::open(*at), "{at} {act:?}");
                }
            }
        }
    }
}

#[test]
fn some_wait_some_are_open_and_the_rest_is_done() {
    for now in moments_to_start_at() {
        let plan = year(now);
        let (mut queued, mut open, mut closed) = (Vec::new(), 0, 0);
        for acts in by_chat(&plan).values() {
            match state(acts) {
                "queued" => queued.push(acts.last().map(|(at, act)| (*at, *act)).expect("not empty")),
                "open" => open += 1,
                _ => closed += 1,
            }
        }
        assert_eq!(queued.len(), stories::QUEUED, "{now}");
        assert!((45..=60).contains(&open) && closed > 330, "{now}: {open} {closed}");
        for (at, act) in queued {
            assert!(matches!(act, Act::Say { .. }), "{act:?}");
            assert!(at.duration_until(now).as_hours() < 12, "{now}: since {at}");
        }
    }
}

#[test]
fn client_and_appraiser_of_one_deal_both_talk_today() {
    let plan = year(moments_to_start_at()[0]);
    let pairs: HashSet<(usize, usize)> = FEATURED.iter().copied().collect();
    assert_eq!(pairs.len(), FEATURED.len());
    let acts = by_chat(&plan);
    for (contact, deal) in pairs {
        let talks = |(index, chat): &(usize, &Chat)| {
            (chat.contact, chat.deal) == (contact, deal) && state(&acts[index]) == "open"
        };
        assert!(plan.chats.iter().enumerate().any(|one| talks(&one)), "{contact} {deal}");
    }
}

#[test]
fn a_deal_moves_forward_and_ends_as_the_cast_says() {
    let plan = year(moments_to_start_at()[0]);
    let cast = cast::cast();
    let (mut stages, mut outcomes) = (vec![None::<usize>; 40], vec![None; 40]);
    for (at, deed) in &plan.moments {
        match *deed {
            Deed::Deal(deal) => assert_eq!(stages[deal].replace(0), None),
            Deed::Stage(deal, stage) => {
                let before = stages[deal].replace(stage).expect("begun before it moves");
                assert!(stage == before + 1 && outcomes[deal].is_none(), "{at} {deal} {stage}");
            }
            Deed::Outcome(deal, won) => assert_eq!(outcomes[deal].replace(won), None),
            _ => {}
        }
    }
    for (index, deal) in cast.opportunities.iter().enumerate() {
        assert_eq!(stages[index], Some(usize::from(deal.stage)), "{}", deal.title);
        let outcome = outcomes[index].map_or("open", |won| if won { "won" } else { "lost" });
        assert_eq!(outcome, deal.outcome, "{}", deal.title);
    }
}
