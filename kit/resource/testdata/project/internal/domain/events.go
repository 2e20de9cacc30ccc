package domain

// Event is something that happened.
type Event struct{}

// DeviceStore stores devices.
type DeviceStore interface {
	GetDevice() error
}
