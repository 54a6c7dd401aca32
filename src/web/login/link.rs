//! E11: at the portal's login somebody asks for a link by e-mail instead of the password.

use super::{Told, again, slowed};
use crate::domain::external_access::asking;
use crate::domain::values;
use crate::web::answer::Reply;
use crate::web::ask::{Anyone, Ask, Listener};
use crate::web::paths;
use crate::web::scene::Scene;
use maud::{Markup, html};
use poem::http::StatusCode;
use std::time::{Duration, Instant};

/// Answers leave at whole multiples of this, so that how much there was to write cannot be measured (C40).
const BEAT: Duration = Duration::from_millis(250);

/// Whether this door offers it.
pub fn offered(ask: &Ask<Anyone>) -> bool {
    ask.listener == Listener::Public && asking::offered(&ask.agency)
}

/// The second way in, in the login's own form: the e-mail is typed there already.
pub fn button(scene: &Scene) -> Markup {
    html! {
        div.other-way {
            p { (scene.w.login_help_link()) }
            button.button.wide type="submit" formaction=(paths::LOGIN_LINK) { (scene.w.mail_me_a_link()) }
        }
    }
}

/// Has a link sent, if the address has an access. The answer is the same for all.
pub async fn ask_for(ask: Ask<Anyone>) -> Reply {
    let began = Instant::now();
    if !offered(&ask) {
        return Ok(again(&ask, StatusCode::CONFLICT, &Told::Text(ask.w.login_help_portal())));
    }
    let email = match values::email(ask.fields.text("email")) {
        Ok(email) => email,
        Err(why) => return Ok(again(&ask, StatusCode::UNPROCESSABLE_ENTITY, &Told::Address(why))),
    };
    // A key of its own: whoever asks for somebody's link slows nobody's password.
    if let Err(wait) = ask.attempts().begin(ask.from(), &format!("carta {email}"), began) {
        return slowed(&ask, wait, &email).await;
    }
    let from = ask.address();
    let planned = ask.write(move |tx| asking::ask(tx, &email, &from)).await;
    tokio::time::sleep(until_beat(began.elapsed())).await;
    planned?;
    Ok(ask.go(paths::LOGIN_LINK_ASKED))
}

/// What is left until the next beat.
fn until_beat(passed: Duration) -> Duration {
    let beats = passed.as_millis() / BEAT.as_millis() + 1;
    BEAT.saturating_mul(u32::try_from(beats).unwrap_or(u32::MAX)).saturating_sub(passed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c40_a_quick_write_and_a_slow_one_leave_at_the_same_beat() {
        for (passed, left) in [(0, 250), (1, 249), (249, 1), (250, 250), (730, 20)] {
            assert_eq!(until_beat(Duration::from_millis(passed)), Duration::from_millis(left), "{passed}");
        }
    }
}
