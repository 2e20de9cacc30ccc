package main

import (
	"context"
	"time"

	"example.com/plinth/lab/bench/load"
)

// comparison contains the medians of several rounds that compare one server with another.
type comparison struct {
	rate, cpu   float64 // ratios of requests per second and of processor time per request
	requestRate float64 // of the first server, per second
	p50, p99    time.Duration
	cpuTime     time.Duration // of the first server, per request
}

// sample is a measurement of one server.
type sample struct {
	result load.Result
	cpu    time.Duration // per request
}

// compare measures two servers alternately, each first in half of the rounds, and returns the
// medians.
func (l *lab) compare(ctx context.Context, first, second *program, a, b [][]byte) (comparison, error) {
	var rates, cpus, requestRates, p50s, p99s, cpuTimes []float64
	for i := range l.rounds + 1 {
		x, y, err := l.pair(ctx, first, second, a, b, i%2 == 1)
		if err != nil {
			return comparison{}, err
		}
		if i == 0 {
			continue // warm-up
		}
		rates = append(rates, x.result.Rate()/y.result.Rate())
		cpus = append(cpus, float64(x.cpu)/float64(y.cpu))
		requestRates = append(requestRates, x.result.Rate())
		p50s = append(p50s, float64(x.result.Quantile(0.50)))
		p99s = append(p99s, float64(x.result.Quantile(0.99)))
		cpuTimes = append(cpuTimes, float64(x.cpu))
	}
	return comparison{
		rate: median(rates), cpu: median(cpus), requestRate: median(requestRates),
		p50: time.Duration(median(p50s)), p99: time.Duration(median(p99s)), cpuTime: time.Duration(median(cpuTimes)),
	}, nil
}

// compareNew is compare with requests that are made for each server, because their accounts are in
// different databases.
func (l *lab) compareNew(
	ctx context.Context, first, second *program, newRequests func(context.Context, *program) ([][]byte, error),
) (comparison, error) {
	a, err := newRequests(ctx, first)
	if err != nil {
		return comparison{}, err
	}
	b, err := newRequests(ctx, second)
	if err != nil {
		return comparison{}, err
	}
	return l.compare(ctx, first, second, a, b)
}

func (l *lab) pair(ctx context.Context, first, second *program, a, b [][]byte, swap bool) (x, y sample, err error) {
	if swap {
		y, x, err = l.pair(ctx, second, first, b, a, false)
		return x, y, err
	}
	if x, err = l.sample(ctx, first, a); err != nil {
		return x, y, err
	}
	y, err = l.sample(ctx, second, b)
	return x, y, err
}

func (l *lab) sample(ctx context.Context, p *program, requests [][]byte) (sample, error) {
	before, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	result, err := load.Closed(ctx, p.address, requests, l.round)
	if err != nil {
		return sample{}, err
	}
	if err := only200(result); err != nil {
		return sample{}, err
	}
	after, err := p.cpu()
	return sample{result, (after - before) / time.Duration(result.Requests())}, err
}
