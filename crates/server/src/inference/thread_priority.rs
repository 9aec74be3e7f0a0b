//! The priority of threads.

use anyhow::Error;
use thread_priority::{ThreadPriority, ThreadPriorityValue, set_current_thread_priority};

/// On a scale from 0 to 99. On Linux, it is the nice value 9: where both want a whole processor, the
/// thread gets an eighth of the time of an ordinary one (sched(7)), and all of it where no other
/// wants it. At the lowest, a photo would wait for as long as anything else on the machine computes.
const LOW_PRIORITY: u8 = 25;

/// Lowers the priority of the calling thread, if the system allows that.
pub fn lower_priority() {
    let lowered =
        ThreadPriorityValue::try_from(LOW_PRIORITY).map_err(Error::msg).and_then(|priority| {
            Ok(set_current_thread_priority(ThreadPriority::Crossplatform(priority))?)
        });
    if let Err(error) = lowered {
        tracing::debug!(%error, "large pictures are prepared at the priority of small ones");
    }
}
