package org.pgnet.worker.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class DoorbellTest {

    @Test
    void ringsOnlyASleeper() {
        Semaphore wakes = new Semaphore(0);
        Doorbell bell = new Doorbell(wakes::release);
        bell.ring();
        assertThat(wakes.availablePermits()).isZero();

        assertThat(bell.maySleep(() -> true)).isTrue();
        bell.ring();
        bell.ring();
        assertThat(wakes.availablePermits()).isEqualTo(1);
    }

    @Test
    void sleeperWithWorkStaysAwake() {
        Semaphore wakes = new Semaphore(0);
        Doorbell bell = new Doorbell(wakes::release);

        assertThat(bell.maySleep(() -> false)).isFalse();
        bell.ring();
        assertThat(wakes.availablePermits()).isZero();
    }

    @Test
    void ringWhileTheSleeperLooksForWorkIsNotLost() {
        Semaphore wakes = new Semaphore(0);
        Doorbell bell = new Doorbell(wakes::release);
        bell.maySleep(() -> {
            bell.ring();
            return true;
        });

        assertThat(wakes.availablePermits()).isEqualTo(1);
    }

    @Test
    void noWakeUpIsLostBetweenTwoThreads() throws Exception {
        int count = 200_000;
        Semaphore wakes = new Semaphore(0);
        Doorbell bell = new Doorbell(wakes::release);
        Queue<Integer> queue = new ConcurrentLinkedQueue<>();
        Thread producer = new Thread(() -> {
            for (int i = 0; i < count; i++) {
                queue.add(i);
                bell.ring();
            }
        });
        producer.start();
        int taken = 0;
        while (taken < count) {
            while (queue.poll() != null) {
                taken++;
            }
            if (taken < count && bell.maySleep(queue::isEmpty)) {
                assertThat(wakes.tryAcquire(10, TimeUnit.SECONDS)).as("woken").isTrue();
                wakes.drainPermits();
            }
            bell.awake();
        }
        producer.join();
    }
}
