//! Backup, archive, imports and fifteen people at once: nobody is refused but for what is under way already, and all that
//! was answered is there.

use std::time::{Duration, Instant};

use crate::scene::{Scene, signal};
use crate::told::Told;
use crate::truth;

pub fn everything(scene: &mut Scene, told: &mut Told) {
    let folder = scene.shop("shop");
    let mut crowd = scene.whole_crowd();
    let shift = Duration::from_secs(scene.times(3, 60) as u64);
    told.try_once(|told| {
        let mut serving = match scene.open(&folder) {
            Ok(serving) => serving,
            Err(why) => return told.wrong.push(why),
        };
        let begun = Instant::now();
        let mut times = crowd.work(serving.address, told, || std::thread::sleep(shift));
        let took = begun.elapsed().as_secs_f64();
        crowd.ask_all(&folder, told);
        signal(&serving.child, "TERM");
        told.hold(serving.wait(Duration::from_secs(30)).success(), || "the program does not end well".to_owned());
        told.wrong.extend(truth::check(&folder));
        crowd.ask_all(&folder, told);
        told.hold(!times.is_empty(), || "nobody came to anything".to_owned());
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or_default();
        let rate = times.len() as f64 / took;
        told.note(format!("{} people, {rate:.0} writes a second, p50 {:.1?}, p99 {:.1?}", crowd.people.len(), at(50), at(99)));
    });
    told.acknowledged = crowd.acknowledged();
}
