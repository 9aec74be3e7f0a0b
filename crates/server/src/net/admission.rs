//! What a connection may do that was accepted when the maximum number was open.

use std::time::Duration;

use tokio::time::Instant;

use crate::net::connection_table::ConnectionGuard;
use crate::problem::Problem;

/// Paths that are answered in reserved slots.
const HEALTH_PATHS: [&str; 4] = ["/healthz", "/readyz", "/v2/health/live", "/v2/health/ready"];
/// How long a request waits for a regular slot.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// How often a request that waits tries to evict another connection.
const EVICT_RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Whether requests to this path ask about the server's health only.
pub fn is_health_check(path: &str) -> bool {
    HEALTH_PATHS.contains(&path)
}

/// Gets a regular slot for a connection that has a reserved one, and evicts others for it.
///
/// # Errors
///
/// 503 if all connections stay busy, or too many others wait.
pub async fn admit(guard: &ConnectionGuard) -> Result<(), Problem> {
    let (connection, table) = (guard.connection(), guard.table());
    if !connection.is_reserved() {
        return Ok(());
    }
    let refused = || Problem::busy("all connections are in use: try again soon").and_close();
    let _waiting = table.waiting.try_acquire().map_err(|_| refused())?;
    let until = Instant::now() + MAX_WAIT;
    while Instant::now() < until {
        table.evict(false);
        if let Some(slot) = table.slots.acquire_regular(EVICT_RETRY_INTERVAL).await {
            connection.set_slot(slot);
            return Ok(());
        }
    }
    Err(refused())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;
    use std::sync::Arc;

    use axum::http::StatusCode;
    use prometheus_client::metrics::gauge::Gauge;

    use super::*;
    use crate::net::connection_table::ConnectionTable;
    use crate::net::slots::Slots;

    #[tokio::test]
    async fn a_request_in_a_reserved_slot_waits_until_another_connection_can_be_evicted() {
        let table = Arc::new(ConnectionTable::new(Slots::new(1), Gauge::default()));
        let second = Duration::from_secs(1);
        let first =
            table.insert(Ipv4Addr::LOCALHOST.into(), table.slots.acquire(second).await.unwrap());
        let reserved =
            table.insert(Ipv4Addr::LOCALHOST.into(), table.slots.acquire(second).await.unwrap());
        let request = first.connection().begin_request();
        assert_eq!(admit(&reserved).await.unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
        drop(request);
        let closes = async move {
            first.connection().idle_timeout(Duration::from_mins(1)).await;
            drop(first);
        };
        let (admitted, ()) = tokio::join!(admit(&reserved), closes);
        assert!(admitted.is_ok() && !reserved.connection().is_reserved());
    }
}
