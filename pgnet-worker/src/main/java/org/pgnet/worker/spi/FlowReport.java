package org.pgnet.worker.spi;

import java.util.List;

/**
 * Figures about requests that wait and are in flight, for users. They are made only on demand, so an idle system does
 * nothing for them. Backend thread.
 */
public interface FlowReport {
    /** The most flows in one report. */
    int MOST = 200;

    /** Nobody asks. */
    FlowReport NONE = new FlowReport() {
        @Override
        public boolean isWanted() {
            return false;
        }

        @Override
        public void report(List<FlowRow> busiest) {}
    };

    /** Whether somebody has asked since the last report. Cheap: asked each time that the {@link Bell} was rung. */
    boolean isWanted();

    /**
     * How it is now, a moment after {@link #isWanted}.
     *
     * @param busiest at most {@link #MOST}, first those with most requests waiting and in flight, last those that have none
     */
    void report(List<FlowRow> busiest);
}
