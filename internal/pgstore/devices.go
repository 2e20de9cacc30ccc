package pgstore

import (
	"context"
	"time"

	"example.com/plinth/gen/dbsqlc"
)

func (s *Store) IsKnownDevice(ctx context.Context, email string, device []byte, lately time.Duration) (bool, error) {
	known, err := read(ctx, s, func() (bool, error) {
		return s.queries.IsKnownDevice(ctx, dbsqlc.IsKnownDeviceParams{
			Email: email, DeviceKey: device, AgeSeconds: lately.Seconds(),
		})
	})
	return known, translate(err, nil)
}

func (s *Store) RememberDevice(
	ctx context.Context, userID string, device []byte, most int,
) (isNew bool, err error) {
	isNew, err = s.queries.RememberDevice(ctx, dbsqlc.RememberDeviceParams{UserID: userID, DeviceKey: device})
	if err == nil {
		err = s.queries.ForgetExcessDevices(ctx, dbsqlc.ForgetExcessDevicesParams{
			UserID: userID, MaxDevices: toLimit(most),
		})
	}
	return isNew, translate(err, nil)
}

func (s *Store) ForgetDevices(ctx context.Context, userID string) error {
	return translate(s.queries.ForgetDevices(ctx, userID), nil)
}

func (s *Store) PurgeKnownDevices(ctx context.Context, age time.Duration, most int) (int, error) {
	return counted(s.queries.PurgeKnownDevices(ctx, dbsqlc.PurgeKnownDevicesParams{
		AgeSeconds: age.Seconds(), MaxRows: toLimit(most),
	}))
}

func (s *Store) PurgeKnownNetworks(ctx context.Context, age time.Duration, most int) (int, error) {
	return counted(s.queries.PurgeKnownNetworks(ctx, dbsqlc.PurgeKnownNetworksParams{
		AgeSeconds: age.Seconds(), MaxRows: toLimit(most),
	}))
}
