//! Reads models and tokens again while the server runs.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use crate::net::reload_signal::ReloadSignal;
use crate::state::ServerState;

/// How often the models' files are looked at.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Looks at the models' files regularly, and reads everything again when the signal arrives. Runs
/// until it is dropped.
pub async fn reload_when_asked(state: Arc<ServerState>, signal: ReloadSignal) {
    let mut signals = signal.subscribe();
    let mut can_arrive = true;
    let mut polls = interval(POLL_INTERVAL);
    polls.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let state = Arc::clone(&state);
        let reloading = tokio::select! {
            _ = polls.tick() => spawn_blocking(move || {
                for slot in &state.models {
                    slot.reload_if_changed(&state.loader);
                }
            }),
            received = signals.changed(), if can_arrive => {
                if received.is_err() {
                    can_arrive = false;
                    continue;
                }
                spawn_blocking(move || reload_all(&state))
            }
        };
        if reloading.await.is_err() {
            tracing::error!("loading a model again panicked: the earlier models stay");
        }
    }
}

fn reload_all(state: &ServerState) {
    tracing::info!("SIGHUP: reading the tokens and loading the models again");
    if let Some(tokens) = &state.tokens {
        match tokens.reload() {
            Ok(count) => tracing::info!(count, "the tokens were read again"),
            Err(error) => tracing::error!(%error, "the earlier tokens stay valid"),
        }
    }
    for slot in &state.models {
        slot.reload(&state.loader);
    }
}
